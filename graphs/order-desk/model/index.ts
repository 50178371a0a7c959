export {
  type ChatModel,
  type ChatModelSettings,
  defaultModel,
  fallbackFromEnv,
  type ModelAnswer,
  openChatModel,
  type Question,
  type Role,
  settingsFromEnv,
} from "./chat-model.ts";
export { STAND_IN_MODEL, type StandIn, type StandInOptions, startStandIn } from "./stand-in.ts";
