/**
 * Residual degrees of freedom of a fitted model: units that went into it, less the parameters it estimated.
 *
 * Boundary: dof ≥ min passes. Counted in distinct units, never rows: a model fitted to a hundred rows of three people is
 * a model of three people.
 *
 * DataSHIELD asks for parameters of at most 0.33 of the units (`nfilter.glm`) instead: a model of up to four parameters with ten residual degrees of freedom
 * meets that, and no statistic here has more than two.
 *
 * Source: ACRO `safe_dof_threshold` 10 (flags dof < 10); ABS DataLab, rule of ten degrees of freedom.
 *
 * @param units distinct units of one kind with complete rows
 * @param parameters estimated coefficients, the constant among them
 * @param min the policy's minimum, ≥ 0
 */
export function meetsDegreesOfFreedom(units: bigint, parameters: number, min: number): boolean {
  return units - BigInt(parameters) >= BigInt(min);
}
