/** Exit status of `npm run finetune` by how it ended; 130 is what shells give for Ctrl-C. */
export const STATUS = { completed: 0, failed: 1, 'bad-input': 2, stopped: 130 } as const
