// Package bench measures functions as processes: what a start costs, and how long a first caller waits.
// Its figures are ratios of one run; no test measures time.
package bench
