// Prints which statements of a JSON file are not Trino's SQL, by the grammar of dt-sql-parser: a list of
// {statement, message}, with the first error of each.
import { readFileSync } from "node:fs";
import { register } from "node:module";

register("./extensions.mjs", import.meta.url);
const { TrinoSQL } = await import("dt-sql-parser");

const parser = new TrinoSQL();
const wrong = [];
for (const statement of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const [error] = parser.validate(statement);
  if (error) wrong.push({ statement, message: error.message });
}
console.log(JSON.stringify(wrong));
