/** Name of the temporary table that holds a gate's released table, in the scratch engine and for later gates. */
export const gateTable = (gate: number): string => `gate_${gate}`;

/** Name of the temporary table that holds the keys of a gate's groups in which units have to be counted. */
export const unprovedTable = (gate: number): string => `unproved_${gate}`;

/** The same for groups by the keys that are not sensitive. */
export const unprovedClassesTable = (gate: number): string => `unproved_classes_${gate}`;
