// Resolves imports without an extension, as bundlers do: dt-sql-parser is published for them.
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const ending = { ERR_UNSUPPORTED_DIR_IMPORT: "/index.js", ERR_MODULE_NOT_FOUND: ".js" }[error.code];
    if (!ending || !specifier.startsWith(".")) throw error;
    return next(specifier + ending, context);
  }
}

export async function load(url, context, next) {
  const published = url.includes("/node_modules/dt-sql-parser/") && url.endsWith(".js");
  return next(url, published ? { ...context, format: "module" } : context);
}
