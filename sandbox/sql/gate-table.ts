/** Name of the temporary table that holds a gate's released table, in the scratch engine and for later gates. */
export const gateTable = (gate: number): string => `gate_${gate}`;
