// @ts-check
/**
 * How numbers are written in drawings: what `number` of rnn_figures/numbers.py writes, to the letter.
 *
 * Python rounds a tie to even, toFixed does not: 0.125 is 0.12 there and 0.13 here.
 */

/**
 * @param {number} size not negative, below 1e21
 * @param {number} decimals
 * @returns {string} with so many decimals, a tie rounded to even
 */
function fixed(size, decimals) {
  // half of the last decimal is a sum of powers of two only as an odd multiple of this one
  if ((size * 2 ** (decimals + 1)) % 2 !== 1) return size.toFixed(decimals);
  const [whole, rest] = size.toFixed(decimals + 1).split(".");
  const kept = `${whole}${rest.slice(0, decimals)}`;
  const digits = `${BigInt(kept) + BigInt(Number(kept.slice(-1)) % 2)}`.padStart(decimals + 1, "0");
  const end = digits.length - decimals;
  return decimals ? `${digits.slice(0, end)}.${digits.slice(end)}` : digits;
}

/**
 * @param {number} size at least 1e4
 * @returns {string} one digit and its power of ten
 */
function power(size) {
  const [digit, exponent] = size.toExponential(0).split("e+");
  return `${digit}e+${exponent.padStart(2, "0")}`;
}

/**
 * Write a number for a picture: two decimals, a true minus, whole numbers as they are.
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  const size = Math.abs(value);
  if (Number.isNaN(value)) return "nan";
  let text;
  if (size === Infinity) text = "inf";
  else if (size >= 1e4) text = power(size);
  else if (Number.isInteger(size)) text = `${size}`;
  else text = fixed(size, size < 10 ? 2 : size < 100 ? 1 : 0);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
