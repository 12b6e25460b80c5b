export { applySteps, type LivePage, type LiveStatistics, type Step, type StepKind } from './live.js';
export { mustStartAgain } from './errors.js';
export { resumingClient, type ResumingClient } from './resume.js';
