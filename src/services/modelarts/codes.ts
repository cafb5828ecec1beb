/** The codes that DevEnviron sends, and how each is said. `{}` takes what the error is about. Status 400 unless the dialect says another. */
export const TEXTS = {
  "0010": "Internal error.",
  "0101": "The request is invalid: {}.",
  "0102": "Workspace {} does not exist.",
  "0108": "The operation is not permitted: {}.",
  "0201": "The token is missing.",
  "0202": "The token has expired.",
  "0203": "The token cannot be parsed.",
  "0206": "The Authorization header is malformed: {}.",
  "0208": "The Authorization header cannot be verified: {}.",
  "0210": "The project ID in the URL is not the project of the credentials.",
  "4206": "Too many requests: at most {}.",
  "6100": "The request timed out.",
  "6301": "The instance name {} is already in use.",
  "6302": "The number of instances has reached the limit of {}.",
  "6303": "Instances cannot be sorted by this field.",
  "6304": "A running instance cannot be deleted. Stop it first.",
  "6305": "The instance is already running.",
  "6306": "The instance is starting. Try again later.",
  "6307": "The instance is already stopped.",
  "6308": "The instance is stopping. Try again later.",
  "6309": "The instance does not exist.",
  "6316": "The parameter storage is missing.",
  "6317": "The parameter path is mandatory for OBS storage.",
  "6318": "The param path needs to end with /.",
  "6323": "The flavor {} is not supported.",
  "6324": "The storage type {} is not supported.",
  "6327": "The instance is not running.",
  "6329": "The flavor {} is sold out.",
  "6330": "The hardware type of profile {} is not that of the flavor.",
  "6331": "The EVS volume size is out of its range: {}.",
  "6332": "The parameter {} has the wrong type.",
  "6333": "The notebook is being restored from a fault.",
  "6334": "The parameter {} contains a character that is not allowed.",
  "6335": "The property {} is mandatory.",
  "6336": "The value of the property {} is incorrect.",
  "6347": "The parameter {} cannot be changed in the current status.",
  "6348": "The parameter duration is mandatory when auto stop is enabled.",
  "6349": "The parameter duration is out of its range: {}.",
  "6357": "Another operation is in progress, or the instance is already in the target status.",
  "6358": "The OBS path cannot be the root of a bucket.",
  "6361": "The service failed: {}.",
  "6528": "EVS storage is sold out: {}.",
} as const;

export type Code = keyof typeof TEXTS;

/** The code as it goes on the wire. */
export const wireCode = (code: Code): string => `ModelArts.${code}`;

/** The code's text, about `detail` where it is about something. */
export const textOf = (code: Code, detail = ""): string => TEXTS[code].replace("{}", () => detail);
