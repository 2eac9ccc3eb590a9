-- Macros that the table of functions and the casts use; only those that a statement needs are created.
-- ERROR() has Trino's code and text: failures.py passes it on.

-- Errors.
CREATE MACRO trino_fail(code, message) AS ERROR('trino ' || code || ': ' || message);
CREATE MACRO trino_invalid(message) AS trino_fail('INVALID_FUNCTION_ARGUMENT', message);
CREATE MACRO trino_uncastable(message) AS trino_fail('INVALID_CAST_ARGUMENT', message);

-- Text of numbers, as Java writes them: 1.0E7 from ten millions on, 1.0E-4 below a thousandth.
CREATE MACRO trino_text(x) AS CASE
    WHEN x IS NULL THEN NULL WHEN ISNAN(x) THEN 'NaN'
    WHEN ISINF(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    WHEN x = 0 OR (ABS(x) >= 1e-3 AND ABS(x) < 1e7) THEN CAST(x AS VARCHAR)
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || trino_scientific(LTRIM(CAST(x AS VARCHAR), '-')) END;
-- The same in a cast, which has an exponent always: 3.77E1, 1E0.
CREATE MACRO trino_cast_text(x) AS CASE
    WHEN x IS NULL OR ISNAN(x) OR ISINF(x) THEN trino_text(x)
    WHEN x = 0 THEN CASE WHEN SIGNBIT(x) THEN '-0E0' ELSE '0E0' END
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || REPLACE(trino_scientific(LTRIM(CAST(x AS VARCHAR), '-')), '.0E', 'E') END;
CREATE MACRO trino_scientific(t) AS CASE
    WHEN CONTAINS(t, 'e') THEN SPLIT_PART(t, 'e', 1) || CASE WHEN CONTAINS(SPLIT_PART(t, 'e', 1), '.') THEN '' ELSE '.0' END
        || 'E' || CAST(CAST(SPLIT_PART(t, 'e', 2) AS INTEGER) AS VARCHAR)
    WHEN t LIKE '0.%' THEN trino_mantissa(LTRIM(SUBSTR(t, 3), '0'))
        || 'E-' || CAST(LENGTH(t) - 2 - LENGTH(LTRIM(SUBSTR(t, 3), '0')) + 1 AS VARCHAR)
    ELSE trino_mantissa(RTRIM(REPLACE(t, '.', ''), '0')) || 'E' || CAST(LENGTH(SPLIT_PART(t, '.', 1)) - 1 AS VARCHAR) END;
CREATE MACRO trino_mantissa(digits) AS LEFT(digits, 1) || '.' || CASE WHEN LENGTH(digits) > 1 THEN SUBSTR(digits, 2) ELSE '0' END;

CREATE MACRO trino_fraction_text(x) AS REGEXP_REPLACE(CAST(x AS VARCHAR), '^(-?)\.', '\10.');

-- Casts of texts: what Trino does not read is an error, whatever DuckDB would make of it.
CREATE MACRO trino_digits(t, kind) AS CASE
    WHEN t IS NULL OR REGEXP_FULL_MATCH(t, '[+-]?[0-9]+') THEN t
    ELSE trino_uncastable('Cannot cast ''' || t || ''' to ' || kind) END;
CREATE MACRO trino_number(t, kind) AS CASE
    WHEN t IS NULL OR REGEXP_FULL_MATCH(t, '\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*') THEN t
    WHEN NOT STARTS_WITH(kind, 'DECIMAL') AND REGEXP_FULL_MATCH(t, '\s*([+-]?Infinity|NaN)\s*') THEN t
    ELSE trino_uncastable('Cannot cast ''' || t || ''' to ' || kind) END;
CREATE MACRO trino_boolean(t) AS CASE
    WHEN t IS NULL THEN NULL WHEN LOWER(t) IN ('t', 'true', '1') THEN true WHEN LOWER(t) IN ('f', 'false', '0') THEN false
    ELSE trino_uncastable('Cannot cast ''' || t || ''' to BOOLEAN') END;
CREATE MACRO trino_date(t) AS CASE
    WHEN t IS NULL OR REGEXP_FULL_MATCH(t, '\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\s*') THEN CAST(t AS DATE)
    ELSE trino_uncastable('Value cannot be cast to date: ' || t) END;
CREATE MACRO trino_timestamp(t) AS CASE
    WHEN t IS NULL OR REGEXP_FULL_MATCH(t, '\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?)?\s*')
    THEN CAST(t AS TIMESTAMP)
    ELSE trino_uncastable('Value cannot be cast to timestamp: ' || t) END;
CREATE MACRO trino_zoned(t) AS CASE
    WHEN REGEXP_FULL_MATCH(t, '.*\s*(UTC|Z|[+-]00:00)') THEN trino_timestamp(REGEXP_REPLACE(t, '\s*(UTC|Z|[+-]00:00)$', ''))
    WHEN REGEXP_FULL_MATCH(t, '[^ ]+( [0-9:.]+)?') OR t IS NULL THEN trino_timestamp(t)
    ELSE trino_elsewhere('A timestamp with another time zone than UTC in the data') END;
CREATE MACRO trino_elsewhere(what) AS trino_fail('NOT_SUPPORTED', what || ' is not in the embedded AWS; it works on Athena');
CREATE MACRO trino_fitting(t, n) AS CASE
    WHEN t IS NULL OR LENGTH(t) <= n THEN t
    ELSE trino_uncastable('Value ' || t || ' cannot be represented as varchar(' || n || ')') END;

-- Arithmetic.
CREATE MACRO trino_unscaled(d) AS CAST(REPLACE(CAST(d AS VARCHAR), '.', '') AS HUGEINT);
CREATE MACRO trino_ten(n) AS CAST(RPAD('1', n + 1, '0') AS HUGEINT);
CREATE MACRO trino_half_up(n, d) AS CASE WHEN d = 0 THEN trino_fail('DIVISION_BY_ZERO', 'Division by zero')
    ELSE ((2 * ABS(n) + ABS(d)) // (2 * ABS(d))) * CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END END;
CREATE MACRO trino_decimal_quotient(a, b, zeros, s) AS
    trino_point(trino_half_up(trino_unscaled(a) * trino_ten(zeros), trino_unscaled(b)), s);
CREATE MACRO trino_decimal_remainder(a, b, x, y, s) AS
    trino_point((trino_unscaled(a) * trino_ten(x)) % (trino_unscaled(b) * trino_ten(y)), s);
CREATE MACRO trino_point(n, s) AS CASE WHEN s = 0 THEN CAST(n AS VARCHAR) ELSE
    CASE WHEN n < 0 THEN '-' ELSE '' END || CAST(ABS(n) // trino_ten(s) AS VARCHAR) || '.'
    || LPAD(CAST(ABS(n) % trino_ten(s) AS VARCHAR), s, '0') END;
CREATE MACRO trino_round(x, d) AS CASE WHEN ISNAN(x) OR ISINF(x) THEN x ELSE ROUND(x, CAST(d AS INTEGER)) END;
CREATE MACRO trino_round_integer(x, d) AS CASE WHEN d >= 0 THEN x ELSE
    CAST(SIGN(x) * ((ABS(x::HUGEINT) + trino_ten(-d) // 2) // trino_ten(-d)) * trino_ten(-d) AS BIGINT) END;
CREATE MACRO trino_bucket(x, low, high, n) AS CASE
    WHEN x IS NULL OR low IS NULL OR high IS NULL THEN NULL WHEN n <= 0 THEN trino_invalid('bucketCount must be greater than 0')
    WHEN ISNAN(x) THEN trino_invalid('operand must not be NaN')
    WHEN low = high THEN trino_invalid('bounds cannot equal each other')
    WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
        ELSE CAST(FLOOR(n * (x - low) / (high - low)) AS BIGINT) + 1 END
    ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1
        ELSE CAST(FLOOR(n * (low - x) / (low - high)) AS BIGINT) + 1 END END;
CREATE MACRO trino_bin(x, bins) AS CASE
    WHEN x IS NULL THEN NULL WHEN LEN(bins) = 0 THEN trino_invalid('Bins cannot be an empty array')
    WHEN ISNAN(x) THEN trino_invalid('Operand cannot be NaN')
    ELSE LEN(LIST_FILTER(bins, LAMBDA b : b <= x)) END;
CREATE MACRO trino_base(x, radix) AS CASE
    WHEN radix < 2 OR radix > 36 THEN trino_invalid('Radix must be between 2 and 36')
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || LOWER(TO_BASE(ABS(x), CAST(radix AS INTEGER))) END;
CREATE MACRO trino_from_base(t, radix) AS CASE
    WHEN radix < 2 OR radix > 36 THEN trino_invalid('Radix must be between 2 and 36')
    WHEN t IS NULL THEN NULL
    WHEN NOT REGEXP_FULL_MATCH(t, '[+-]?[0-9A-Za-z]+')
        OR LEN(LIST_FILTER(SPLIT(LOWER(LTRIM(t, '+-')), ''), LAMBDA c : STRPOS('0123456789abcdefghijklmnopqrstuvwxyz', c) > radix)) > 0
    THEN trino_invalid('Not a valid base-' || radix || ' number: ' || t)
    ELSE LIST_REDUCE(LIST_TRANSFORM(SPLIT(LOWER(LTRIM(t, '+-')), ''),
        LAMBDA c : CAST(STRPOS('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1 AS BIGINT)),
        LAMBDA a, b : a * CAST(radix AS BIGINT) + b) * CASE WHEN STARTS_WITH(t, '-') THEN -1 ELSE 1 END END;
CREATE MACRO trino_random(low, high) AS CASE WHEN low >= high THEN trino_invalid('start value must be less than stop value')
    ELSE low + CAST(FLOOR(RANDOM() * (high - low)) AS BIGINT) END;

-- Dates and times.
CREATE MACRO trino_moment_text(t, p) AS CASE WHEN p = 0 THEN STRFTIME(t, '%Y-%m-%d %H:%M:%S') ELSE LEFT(STRFTIME(t, '%Y-%m-%d %H:%M:%S.%f'), 20 + p) END;
CREATE MACRO trino_rounded(t, unit) AS MAKE_TIMESTAMP(CAST(FLOOR((EPOCH_US(t) + unit / 2) / unit::DOUBLE) AS BIGINT) * unit);
CREATE MACRO trino_cut(t, unit) AS t - TO_MICROSECONDS(EPOCH_US(t) % unit);
CREATE MACRO trino_moment(seconds) AS CASE WHEN ISNAN(seconds) THEN TO_TIMESTAMP(0)
    ELSE MAKE_TIMESTAMPTZ(CAST(ROUND(seconds * 1000) AS BIGINT) * 1000) END;
CREATE MACRO trino_unix(t) AS EPOCH_US(t) / 1e6::DOUBLE;
CREATE MACRO trino_short_fraction(t, pattern) AS CASE WHEN ENDS_WITH(pattern, '.%f') THEN REGEXP_REPLACE(t, '\.(\d{1,3})\d*$', '.\1') ELSE t END;
CREATE MACRO trino_parsed(t, pattern) AS CASE WHEN t IS NULL THEN NULL
    ELSE COALESCE(trino_cut(TRY_STRPTIME(trino_short_fraction(t, pattern), pattern), 1000), trino_invalid('Invalid format: "' || t || '"')) END;
CREATE MACRO trino_parsed_zoned(t, pattern) AS CASE WHEN t IS NULL THEN NULL
    ELSE COALESCE(TRY_STRPTIME(t, pattern), trino_invalid('Invalid format: "' || t || '"')) END;
CREATE MACRO trino_iso_pattern() AS
    '[+-]?[0-9]{4,}-[0-9]{2}-[0-9]{2}(T[0-9]{2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?';
CREATE MACRO trino_from_iso8601(t) AS CASE
    WHEN t IS NULL THEN NULL
    WHEN NOT REGEXP_FULL_MATCH(t, trino_iso_pattern()) THEN trino_invalid('Invalid format: "' || t || '"')
    WHEN REGEXP_MATCHES(t, 'T.*[+-]') AND NOT REGEXP_MATCHES(t, '[+-]00:?(00)?$')
    THEN trino_elsewhere('A timestamp with another time zone than UTC in the data')
    ELSE CAST(trino_cut(CAST(REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(t, '(Z|[+-]00:?(00)?)$', ''), ',', '.'),
        'T([0-9]{2})$', 'T\1:00') AS TIMESTAMP), 1000) AS TIMESTAMPTZ) END;
CREATE MACRO trino_iso_date(t) AS CASE
    WHEN REGEXP_FULL_MATCH(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN CAST(t AS DATE)
    WHEN REGEXP_FULL_MATCH(t, '[0-9]{4}-W[0-9]{2}(-[1-7])?')
    THEN CAST(STRPTIME(LEFT(t, 4) || ' ' || SUBSTR(t, 7, 2) || ' ' || COALESCE(NULLIF(SUBSTR(t, 10, 1), ''), '1'), '%G %V %u') AS DATE)
    WHEN REGEXP_FULL_MATCH(t, '[0-9]{4}-[0-9]{3}') THEN CAST(STRPTIME(t, '%Y-%j') AS DATE)
    WHEN REGEXP_FULL_MATCH(t, '[0-9]{4}-[0-9]{2}') THEN CAST(t || '-01' AS DATE)
    WHEN REGEXP_FULL_MATCH(t, '[0-9]{4}') THEN CAST(t || '-01-01' AS DATE)
    WHEN t IS NULL THEN NULL ELSE trino_invalid('Invalid format: "' || t || '"') END;
CREATE MACRO trino_seconds(i) AS EPOCH(i);
CREATE MACRO trino_day_interval_text(i) AS CASE WHEN i IS NULL THEN NULL ELSE trino_interval_text(CAST(ROUND(EPOCH(i) * 1000) AS BIGINT)) END;
CREATE MACRO trino_interval_text(ms) AS CASE WHEN ms < 0 THEN '-' ELSE '' END || CAST(ABS(ms) // 86400000 AS VARCHAR) || ' '
    || STRFTIME(MAKE_TIMESTAMP(ABS(ms) % 86400000 * 1000), '%H:%M:%S.%g');
CREATE MACRO trino_year_interval_text(i) AS trino_months_text(DATEPART('year', i) * 12 + DATEPART('month', i));
CREATE MACRO trino_months_text(n) AS CASE WHEN n < 0 THEN '-' ELSE '' END || CAST(ABS(n) // 12 AS VARCHAR) || '-' || CAST(ABS(n) % 12 AS VARCHAR);
CREATE MACRO trino_offset(t, local_time) AS CAST(EPOCH(local_time) - EPOCH(t) AS BIGINT) // 60;
CREATE MACRO trino_offset_text(t, local_time, colon) AS CASE WHEN trino_offset(t, local_time) < 0 THEN '-' ELSE '+' END
    || LPAD(CAST(ABS(trino_offset(t, local_time)) // 60 AS VARCHAR), 2, '0') || colon
    || LPAD(CAST(ABS(trino_offset(t, local_time)) % 60 AS VARCHAR), 2, '0');
CREATE MACRO trino_iso_offset(t, local_time) AS CASE WHEN trino_offset(t, local_time) = 0 THEN 'Z' ELSE trino_offset_text(t, local_time, ':') END;
CREATE MACRO trino_duration(t) AS CASE
    WHEN t IS NULL THEN NULL
    WHEN NOT REGEXP_FULL_MATCH(t, '\s*[0-9]+(\.[0-9]+)?\s*(ns|us|ms|s|m|h|d)\s*') THEN trino_invalid('duration is not a valid data duration string: ' || t)
    ELSE TO_MILLISECONDS(CAST(ROUND(CAST(REGEXP_EXTRACT(t, '[0-9]+(\.[0-9]+)?') AS DOUBLE)
        * CASE REGEXP_EXTRACT(t, '[a-z]+') WHEN 'ns' THEN 1e-6 WHEN 'us' THEN 1e-3 WHEN 'ms' THEN 1 WHEN 's' THEN 1e3
            WHEN 'm' THEN 6e4 WHEN 'h' THEN 36e5 ELSE 864e5 END) AS BIGINT)) END;
CREATE MACRO trino_human_part(n, name) AS CASE WHEN n = 0 THEN NULL ELSE n || ' ' || name || CASE WHEN n = 1 THEN '' ELSE 's' END END;
CREATE MACRO trino_human(s) AS CASE WHEN s < 0 THEN '-' ELSE '' END || trino_human_of(CAST(ROUND(ABS(s)) AS BIGINT));
CREATE MACRO trino_human_of(s) AS CASE WHEN s = 0 THEN '0 seconds' ELSE CONCAT_WS(', ', trino_human_part(s // 604800, 'week'),
    trino_human_part(s % 604800 // 86400, 'day'), trino_human_part(s % 86400 // 3600, 'hour'),
    trino_human_part(s % 3600 // 60, 'minute'), trino_human_part(s % 60, 'second')) END;

-- Strings.
CREATE MACRO trino_split_map(pairs) AS CASE WHEN LEN(trino_first_of_keys(pairs)) < LEN(pairs)
    THEN trino_invalid('Duplicate keys (' || trino_duplicate(pairs) || ') are not allowed') ELSE trino_map_of(pairs) END;
CREATE MACRO trino_substr(t, start, n) AS CASE
    WHEN start = 0 OR n <= 0 OR -start > LENGTH(t) THEN CASE WHEN t IS NULL OR n IS NULL THEN NULL ELSE '' END
    WHEN start > 0 THEN SUBSTRING(t, CAST(start AS BIGINT), CAST(n AS BIGINT))
    ELSE SUBSTRING(t, CAST(LENGTH(t) + start + 1 AS BIGINT), CAST(n AS BIGINT)) END;
CREATE MACRO trino_pad(t, size, filling) AS CASE
    WHEN size < 0 OR size > 2147483647 THEN trino_invalid('Target length must be in the range [0..2147483647]')
    WHEN filling = '' THEN trino_invalid('Padding string must not be empty') ELSE t END;
CREATE MACRO trino_padded(t, size, leftwards, filling) AS CASE WHEN LENGTH(t) >= size THEN t
    WHEN leftwards THEN LPAD(t, size, filling) ELSE RPAD(t, size, filling) END;
CREATE MACRO trino_positions(t, part) AS LIST_FILTER(RANGE(1, LENGTH(t) + 2), LAMBDA p : SUBSTRING(t, p, LENGTH(part)) = part);
CREATE MACRO trino_strpos(t, part, n) AS CASE
    WHEN n = 0 THEN trino_invalid('''instance'' must be a positive or negative number.')
    WHEN t IS NULL OR part IS NULL THEN NULL
    ELSE COALESCE(trino_apart(t, part)[CAST(n AS BIGINT)], 0) END;
-- The positions of a text in another that do not overlap.
CREATE MACRO trino_apart(t, part) AS CASE WHEN part = '' THEN [1] ELSE LIST_TRANSFORM(RANGE(1, LEN(SPLIT(t, part))),
    LAMBDA i : CAST(LENGTH(ARRAY_TO_STRING(SPLIT(t, part)[1:i], part)) + 1 AS BIGINT)) END;
CREATE MACRO trino_split(t, separator) AS CASE WHEN separator = '' THEN trino_invalid('The delimiter may not be the empty string') ELSE SPLIT(t, separator) END;
CREATE MACRO trino_split_limit(t, separator, n) AS CASE
    WHEN n <= 0 THEN trino_invalid('Limit must be positive')
    WHEN LEN(trino_split(t, separator)) <= n THEN trino_split(t, separator)
    ELSE LIST_APPEND(SPLIT(t, separator)[1:n - 1], ARRAY_TO_STRING(SPLIT(t, separator)[n:], separator)) END;
CREATE MACRO trino_split_part(t, separator, n) AS CASE
    WHEN n <= 0 THEN trino_invalid('Index must be greater than zero')
    WHEN separator = '' THEN CASE WHEN n <= LENGTH(t) THEN SUBSTRING(t, n, 1) END
    ELSE SPLIT(t, separator)[n] END;
CREATE MACRO trino_pairs(t, between, inside) AS CASE
    WHEN between = '' OR inside = '' THEN trino_invalid('entryDelimiter and keyValueDelimiter must not be empty')
    WHEN between = inside THEN trino_invalid('entryDelimiter and keyValueDelimiter must not be the same')
    WHEN t = '' THEN CAST([] AS STRUCT(k VARCHAR, v VARCHAR)[])
    ELSE LIST_TRANSFORM(LIST_FILTER(SPLIT(t, between), LAMBDA e, i : e <> '' OR i < LEN(SPLIT(t, between))), LAMBDA e : trino_pair(e, inside)) END;
CREATE MACRO trino_pair(e, inside) AS CASE WHEN LEN(SPLIT(e, inside)) = 2 THEN STRUCT_PACK(k := SPLIT(e, inside)[1], v := SPLIT(e, inside)[2])
    ELSE trino_invalid('Key-value delimiter must appear exactly once in each entry. Bad input: ''' || e || '''') END;
CREATE MACRO trino_hamming(a, b) AS CASE WHEN LENGTH(a) <> LENGTH(b)
    THEN trino_invalid('The input strings to hamming_distance function must have the same length')
    WHEN a = '' THEN 0 WHEN a IS NULL OR b IS NULL THEN NULL
    ELSE LEN(LIST_FILTER(RANGE(1, LENGTH(a) + 1), LAMBDA i : SUBSTRING(a, i, 1) <> SUBSTRING(b, i, 1))) END;
CREATE MACRO trino_translate(t, a, b) AS CASE WHEN t IS NULL OR a IS NULL OR b IS NULL THEN NULL WHEN t = '' THEN ''
    ELSE ARRAY_TO_STRING(LIST_TRANSFORM(SPLIT(t, ''), LAMBDA c : CASE WHEN STRPOS(a, c) = 0 THEN c ELSE SUBSTRING(b, STRPOS(a, c), 1) END), '') END;
CREATE MACRO trino_replace(t, search, new) AS CASE WHEN search = ''
    THEN CASE WHEN t = '' THEN new ELSE new || ARRAY_TO_STRING(LIST_TRANSFORM(SPLIT(t, ''), LAMBDA c : c || new), '') END
    ELSE REPLACE(t, search, new) END;
-- Java's whitespace, and Java's capital of each code point: DuckDB's of ß is another letter.
CREATE MACRO trino_spaces() AS '[\t-\r\x1c-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}]+';
-- A capital ẞ of the text itself is set aside meanwhile.
CREATE MACRO trino_upper(t) AS CASE WHEN CONTAINS(t, 'ß')
    THEN REPLACE(REPLACE(REPLACE(UPPER(REPLACE(REPLACE(t, '~', '~0'), 'ẞ', '~1')), 'ẞ', 'ß'), '~1', 'ẞ'), '~0', '~') ELSE UPPER(t) END;
-- Java's capitals of a whole text: some letters become several.
CREATE MACRO trino_capitals(t) AS CASE WHEN REGEXP_MATCHES(t, '[ßŉǰΐΰև\x{1e96}-\x{1e9a}\x{1f50}-\x{1ffc}\x{fb00}-\x{fb17}]')
    THEN trino_elsewhere('The format %S of letters that have no single capital') ELSE UPPER(t) END;
CREATE MACRO trino_codepoint(t) AS CASE WHEN LENGTH(t) <> 1 THEN trino_invalid('Input string must be a single character string') ELSE UNICODE(t) END;
CREATE MACRO trino_chr(n) AS CASE WHEN n < 0 OR n > 1114111 OR n BETWEEN 55296 AND 57343
    THEN trino_invalid('Not a valid Unicode code point: ' || n) ELSE CHR(CAST(n AS INTEGER)) END;
CREATE MACRO trino_luhn(t) AS CASE WHEN t IS NULL THEN NULL WHEN t = '' THEN false
    WHEN NOT REGEXP_FULL_MATCH(t, '[0-9]+') THEN trino_invalid('Input must contain only digits')
    ELSE LIST_SUM(LIST_TRANSFORM(SPLIT(REVERSE(t), ''), LAMBDA c, i : trino_luhn_digit(CAST(c AS INTEGER), i))) % 10 = 0 END;
CREATE MACRO trino_luhn_digit(d, i) AS CASE WHEN i % 2 = 1 THEN d WHEN d > 4 THEN d * 2 - 9 ELSE d * 2 END;

-- Regular expressions.
CREATE MACRO trino_regexp_extract(t, pattern) AS CASE WHEN REGEXP_MATCHES(t, pattern) THEN REGEXP_EXTRACT(t, pattern) END;
CREATE MACRO trino_regexp_group(t, pattern, n) AS CASE WHEN REGEXP_MATCHES(t, pattern) THEN REGEXP_EXTRACT(t, pattern, CAST(n AS INTEGER)) END;
CREATE MACRO trino_regexp_extract_all(t, pattern) AS REGEXP_EXTRACT_ALL(t, pattern);
CREATE MACRO trino_regexp_count(t, pattern) AS LEN(REGEXP_EXTRACT_ALL(t, pattern));
CREATE MACRO trino_regexp_split(t, pattern) AS REGEXP_SPLIT_TO_ARRAY(t, pattern);
CREATE MACRO trino_regexp_position(t, pattern) AS CASE WHEN t IS NULL OR pattern IS NULL THEN NULL
    WHEN REGEXP_MATCHES(t, pattern) THEN LENGTH(REGEXP_SPLIT_TO_ARRAY(t, pattern)[1]) + 1 ELSE -1 END;

-- Arrays.
CREATE MACRO trino_element(a, i) AS CASE
    WHEN i = 0 THEN trino_invalid('SQL array indices start at 1')
    WHEN i < 0 THEN trino_invalid('Array subscript is negative: ' || i)
    WHEN i > LEN(a) THEN trino_invalid('Array subscript must be less than or equal to array length: ' || i || ' > ' || LEN(a))
    ELSE a[i] END;
CREATE MACRO trino_element_at(a, i) AS CASE WHEN i = 0 THEN trino_invalid('SQL array indices start at 1') ELSE a[i] END;
CREATE MACRO trino_concat(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE LIST_CONCAT(a, b) END;
CREATE MACRO trino_slice(a, start, n) AS CASE
    WHEN n < 0 THEN trino_invalid('length must be greater than or equal to 0')
    WHEN start = 0 THEN trino_invalid('SQL array indices start at 1')
    WHEN a IS NULL OR start IS NULL OR n IS NULL THEN NULL
    WHEN n = 0 OR -start > LEN(a) OR start > LEN(a) THEN a[1:0]
    WHEN start > 0 THEN a[start:start + n - 1]
    ELSE a[LEN(a) + start + 1:LEN(a) + start + n] END;
CREATE MACRO trino_trim_array(a, n) AS CASE WHEN n < 0 THEN trino_invalid('size must not be negative: ' || n)
    WHEN n > LEN(a) THEN trino_invalid('size must not exceed array cardinality ' || LEN(a) || ': ' || n) ELSE a[1:LEN(a) - n] END;
CREATE MACRO trino_distinct(a) AS LIST_FILTER(a, LAMBDA e, i : CASE
    WHEN e IS NULL THEN LEN(LIST_FILTER(a[1:i], LAMBDA f : f IS NULL)) = 1 ELSE LIST_POSITION(a, e) = i END);
-- The elements of an array beside a value, by their marks: NULL of a NULL, 0 if they differ, 1 if they are equal, 2 if that is unknown.
CREATE MACRO trino_first_mark(marks) AS LIST_FILTER(marks, LAMBDA e : e <> 0)[1];
CREATE MACRO trino_indeterminate(name) AS trino_fail('NOT_SUPPORTED', name || ' does not support arrays with elements that are null or contain null');
CREATE MACRO trino_contains(a, x, marks) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE CASE trino_first_mark(marks)
    WHEN 1 THEN true WHEN 2 THEN trino_indeterminate('contains') ELSE CASE WHEN LEN(LIST_FILTER(marks, LAMBDA e : e IS NULL)) > 0 THEN NULL ELSE false END END END;
CREATE MACRO trino_array_position(a, x, marks) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE CASE trino_first_mark(marks)
    WHEN 1 THEN CAST(LIST_POSITION(marks, 1) AS BIGINT) WHEN 2 THEN trino_indeterminate('array_position') ELSE 0 END END;
CREATE MACRO trino_array_remove(a, x, marks) AS CASE WHEN x IS NULL THEN NULL WHEN LIST_CONTAINS(marks, 2) THEN trino_indeterminate('array_remove')
    ELSE LIST_FILTER(a, LAMBDA e, i : COALESCE(marks[i], 0) = 0) END;
CREATE MACRO trino_all_match(tests) AS CASE WHEN LEN(LIST_FILTER(tests, LAMBDA e : NOT e)) > 0 THEN false
    WHEN LEN(LIST_FILTER(tests, LAMBDA e : e IS NULL)) > 0 THEN NULL WHEN tests IS NULL THEN NULL ELSE true END;
CREATE MACRO trino_any_match(tests) AS CASE WHEN LEN(LIST_FILTER(tests, LAMBDA e : e)) > 0 THEN true
    WHEN LEN(LIST_FILTER(tests, LAMBDA e : e IS NULL)) > 0 THEN NULL WHEN tests IS NULL THEN NULL ELSE false END;
CREATE MACRO trino_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN LIST_HAS_ANY(a, b) THEN true
    WHEN LEN(a) > 0 AND LEN(b) > 0 AND LEN(LIST_FILTER(LIST_CONCAT(a, b), LAMBDA e : e IS NULL)) > 0 THEN NULL ELSE false END;
CREATE MACRO trino_among(e, b) AS CASE WHEN e IS NULL THEN LEN(LIST_FILTER(b, LAMBDA f : f IS NULL)) > 0 ELSE LIST_CONTAINS(b, e) END;
CREATE MACRO trino_intersect(a, b) AS LIST_FILTER(trino_distinct(a), LAMBDA e : trino_among(e, b));
CREATE MACRO trino_except(a, b) AS LIST_FILTER(trino_distinct(a), LAMBDA e : NOT trino_among(e, b));
CREATE MACRO trino_sequence_length(n) AS CASE WHEN n > 10000 THEN trino_invalid('result of sequence function must not have more than 10000 entries') ELSE n END;
CREATE MACRO trino_sequence(a, b, step) AS CASE
    WHEN step = 0 THEN trino_invalid('step must not be zero')
    WHEN (step > 0 AND b < a) OR (step < 0 AND b > a) THEN trino_invalid('sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')
    ELSE LIST_TRANSFORM(RANGE(0, trino_sequence_length((b - a) // step + 1)), LAMBDA i : a + i * step) END;
CREATE MACRO trino_way(a, b) AS CASE WHEN a <= b THEN 1 ELSE -1 END;
CREATE MACRO trino_moments(a, b, step) AS CASE
    WHEN a + step = a THEN trino_invalid('interval must not be zero')
    WHEN (a + step > a AND b < a) OR (a + step < a AND b > a) THEN trino_invalid('sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start')
    ELSE GENERATE_SERIES(a, b, step) END;
CREATE MACRO trino_flatten(a) AS CASE WHEN a IS NULL THEN NULL ELSE COALESCE(FLATTEN(LIST_FILTER(a, LAMBDA e : e IS NOT NULL)), a[1:0][1]) END;
CREATE MACRO trino_repeat(x, n) AS CASE WHEN n < 0 THEN trino_invalid('count argument of repeat function must be greater than or equal to 0')
    WHEN n > 10000 THEN trino_invalid('count argument of repeat function must be less than or equal to 10000')
    ELSE LIST_TRANSFORM(RANGE(0, n), LAMBDA i : x) END;
CREATE MACRO trino_ngrams(a, n) AS CASE WHEN n <= 0 THEN trino_invalid('N must be positive') WHEN LEN(a) <= n THEN [a]
    ELSE LIST_TRANSFORM(RANGE(1, LEN(a) - n + 2), LAMBDA i : a[i:i + n - 1]) END;
CREATE MACRO trino_subsequence(a, b) AS CASE WHEN LEN(b) = 0 THEN true
    ELSE LEN(LIST_FILTER(RANGE(1, LEN(a) - LEN(b) + 2), LAMBDA i : a[i:i + LEN(b) - 1] = b)) > 0 END;

-- AND of a list, in which NULL is unknown.
CREATE MACRO trino_all(l) AS CASE WHEN LIST_CONTAINS(l, false) THEN false WHEN LEN(LIST_FILTER(l, LAMBDA e : e IS NULL)) > 0 THEN NULL
    ELSE true END;
-- An order that nested.py found, or the error that NULL makes.
CREATE MACRO trino_order(o) AS CASE o WHEN 2 THEN trino_fail('NOT_SUPPORTED', 'ARRAY comparison not supported for arrays with null elements')
    WHEN 3 THEN trino_fail('NOT_SUPPORTED', 'ROW comparison not supported for fields with null elements') ELSE o END;

-- Maps, from lists of {k, v}. If a lambda captures LIST() of an expression with a lambda, DuckDB fails: the aggregations pass the
-- list to a lambda.
CREATE MACRO trino_first_of_keys(pairs) AS LIST_FILTER(pairs, LAMBDA p, i : p.k IS NOT NULL AND LIST_POSITION(LIST_TRANSFORM(pairs, LAMBDA q : q.k), p.k) = i);
CREATE MACRO trino_map_of(pairs) AS MAP(LIST_TRANSFORM(pairs, LAMBDA p : p.k), LIST_TRANSFORM(pairs, LAMBDA p : p.v));
CREATE MACRO trino_map(pairs) AS CASE
    WHEN LEN(LIST_FILTER(pairs, LAMBDA p : p IS NULL)) > 0 THEN trino_invalid('map entry cannot be null')
    WHEN LEN(LIST_FILTER(pairs, LAMBDA p : p.k IS NULL)) > 0 THEN trino_invalid('map key cannot be null')
    WHEN LEN(trino_first_of_keys(pairs)) < LEN(pairs) THEN trino_invalid('Duplicate map keys (' || CAST(trino_duplicate(pairs) AS VARCHAR) || ') are not allowed')
    ELSE trino_map_of(pairs) END;
CREATE MACRO trino_duplicate(pairs) AS LIST_FILTER(pairs, LAMBDA p, i : LIST_POSITION(LIST_TRANSFORM(pairs, LAMBDA q : q.k), p.k) <> i)[1].k;
CREATE MACRO trino_multimap(pairs) AS CASE
    WHEN LEN(LIST_FILTER(pairs, LAMBDA p : p IS NULL)) > 0 THEN trino_invalid('map entry cannot be null')
    ELSE MAP(LIST_TRANSFORM(trino_first_of_keys(pairs), LAMBDA p : p.k),
        LIST_TRANSFORM(trino_first_of_keys(pairs), LAMBDA p : LIST_TRANSFORM(LIST_FILTER(pairs, LAMBDA q : q.k = p.k), LAMBDA q : q.v))) END;
CREATE MACRO trino_map_agg(list) AS LIST_TRANSFORM([list], LAMBDA pairs : trino_map_of(trino_first_of_keys(pairs)))[1];
CREATE MACRO trino_multimap_agg(list) AS LIST_TRANSFORM([list], LAMBDA pairs : trino_multimap(pairs))[1];
CREATE MACRO trino_zip_to_map(ks, vs) AS CASE
    WHEN ks IS NULL OR vs IS NULL THEN NULL
    WHEN LEN(ks) <> LEN(vs) THEN trino_invalid('Key and value arrays must be the same length')
    ELSE trino_map(LIST_TRANSFORM(ks, LAMBDA x, i : STRUCT_PACK(k := x, v := vs[i]))) END;
CREATE MACRO trino_value(m, key) AS CASE WHEN MAP_CONTAINS(m, key) THEN m[key]
    WHEN m IS NULL OR key IS NULL THEN NULL ELSE trino_invalid('Key not present in map: ' || CAST(key AS VARCHAR)) END;
CREATE MACRO trino_pairs_of(m) AS LIST_TRANSFORM(MAP_ENTRIES(m), LAMBDA e : STRUCT_PACK(k := e.key, v := e.value));
CREATE MACRO trino_histogram(l) AS trino_counts(LIST_FILTER(l, LAMBDA e : e IS NOT NULL));
CREATE MACRO trino_counts(l) AS MAP(trino_distinct(l), LIST_TRANSFORM(trino_distinct(l), LAMBDA e : CAST(LEN(LIST_FILTER(l, LAMBDA f : f = e)) AS BIGINT)));
CREATE MACRO trino_map_union(ms) AS trino_map_agg(FLATTEN(LIST_TRANSFORM(ms, LAMBDA m : trino_pairs_of(m))));

-- JSON.
CREATE MACRO trino_json_parse(t) AS CASE WHEN t IS NULL OR JSON_VALID(t) THEN CAST(JSON(t) AS JSON)
    ELSE trino_invalid('Cannot convert value to JSON: ''' || t || '''') END;
CREATE MACRO trino_json_extract(j, path) AS CASE WHEN JSON_VALID(j) THEN JSON_EXTRACT(j, path) END;
CREATE MACRO trino_json_extract_scalar(j, path) AS CASE WHEN JSON_VALID(j) THEN
    CASE WHEN JSON_TYPE(j, path) IN ('ARRAY', 'OBJECT', 'NULL') THEN NULL ELSE JSON_EXTRACT_STRING(j, path) END END;
CREATE MACRO trino_json_size(j, path) AS CASE WHEN JSON_VALID(j) THEN CASE JSON_TYPE(j, path)
    WHEN 'ARRAY' THEN CAST(JSON_ARRAY_LENGTH(j, path) AS BIGINT) WHEN 'OBJECT' THEN CAST(LEN(JSON_KEYS(j, path)) AS BIGINT)
    WHEN NULL THEN NULL ELSE CASE WHEN JSON_TYPE(j, path) IS NULL THEN NULL ELSE 0 END END END;
CREATE MACRO trino_json_array_length(j) AS CASE WHEN JSON_VALID(j) AND JSON_TYPE(j) = 'ARRAY' THEN CAST(JSON_ARRAY_LENGTH(j) AS BIGINT) END;
CREATE MACRO trino_json_array_get(j, i) AS CASE WHEN JSON_VALID(j) AND JSON_TYPE(j) = 'ARRAY'
    THEN trino_not_null(JSON_EXTRACT(j, CASE WHEN i < 0 THEN '$[#' || i || ']' ELSE '$[' || i || ']' END)) END;
CREATE MACRO trino_not_null(j) AS CASE WHEN JSON_TYPE(j) = 'NULL' THEN NULL ELSE j END;
CREATE MACRO trino_json_array_contains(j, x) AS CASE WHEN x IS NULL THEN NULL WHEN JSON_VALID(j) AND JSON_TYPE(j) = 'ARRAY'
    THEN LIST_CONTAINS(LIST_TRANSFORM(CAST(JSON_EXTRACT(j, '$[*]') AS JSON[]), LAMBDA e : CAST(e AS VARCHAR)), CAST(TO_JSON(x) AS VARCHAR)) END;
CREATE MACRO trino_is_json_scalar(j) AS CASE WHEN j IS NULL THEN NULL WHEN NOT JSON_VALID(j) THEN trino_invalid('Invalid JSON value: ' || j)
    ELSE JSON_TYPE(j) NOT IN ('ARRAY', 'OBJECT') END;
CREATE MACRO trino_json_scalar(j, kind) AS CASE JSON_TYPE(j) WHEN 'NULL' THEN NULL
    WHEN 'ARRAY' THEN trino_uncastable('Cannot cast to ' || kind) WHEN 'OBJECT' THEN trino_uncastable('Cannot cast to ' || kind)
    ELSE JSON_EXTRACT_STRING(j, '$') END;
CREATE MACRO trino_json_integer(j, kind) AS CASE JSON_TYPE(j)
    WHEN 'VARCHAR' THEN trino_digits(JSON_EXTRACT_STRING(j, '$'), UPPER(kind))
    WHEN 'BOOLEAN' THEN CASE WHEN JSON_EXTRACT_STRING(j, '$') = 'true' THEN '1' ELSE '0' END
    WHEN 'DOUBLE' THEN CAST(CAST(ROUND(CAST(JSON_EXTRACT_STRING(j, '$') AS DOUBLE)) AS BIGINT) AS VARCHAR)
    ELSE trino_json_scalar(j, kind) END;
CREATE MACRO trino_json_boolean(t) AS CASE WHEN t IS NULL THEN NULL WHEN LOWER(t) IN ('true', 't', '1') THEN true WHEN LOWER(t) IN ('false', 'f', '0', '0.0') THEN false
    WHEN TRY_CAST(t AS DOUBLE) IS NOT NULL THEN TRUE ELSE trino_uncastable('Cannot cast ''' || t || ''' to BOOLEAN') END;
CREATE MACRO trino_json_elements(j, kind) AS CASE JSON_TYPE(j) WHEN 'ARRAY' THEN CAST(j AS JSON[]) WHEN 'NULL' THEN NULL
    ELSE CASE WHEN j IS NULL THEN NULL ELSE trino_uncastable('Cannot cast to ' || kind || '. Expected a json array, but got ' || j) END END;
CREATE MACRO trino_json_members(j, kind) AS CASE JSON_TYPE(j)
    WHEN 'OBJECT' THEN LIST_TRANSFORM(JSON_KEYS(j), LAMBDA k : STRUCT_PACK("key" := k, "value" := JSON_EXTRACT(j, '$."' || k || '"')))
    WHEN 'NULL' THEN NULL ELSE CASE WHEN j IS NULL THEN NULL ELSE trino_uncastable('Cannot cast to ' || kind || '. Expected a json object, but got ' || j) END END;
CREATE MACRO trino_json_object(pairs) AS CAST('{' || ARRAY_TO_STRING(LIST_TRANSFORM(LIST_SORT(pairs),
    LAMBDA p : CAST(TO_JSON(p.k) AS VARCHAR) || ':' || COALESCE(CAST(p.v AS VARCHAR), 'null')), ',') || '}' AS JSON);

-- URLs.
CREATE MACRO trino_url_pattern() AS '^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:[^/?#@]*@)?([^/?#:]*)(?::([0-9]*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$';
CREATE MACRO trino_url_part(u, n) AS CASE WHEN u IS NULL OR REGEXP_MATCHES(u, '[\s^<>"{}|\\`]') THEN NULL ELSE REGEXP_EXTRACT(u, trino_url_pattern(), n) END;
CREATE MACRO trino_url_path(u) AS CASE WHEN REGEXP_MATCHES(u, '^[A-Za-z][A-Za-z0-9+.-]*:[^/]') THEN '' ELSE trino_url_part(u, 4) END;
CREATE MACRO trino_url_decoded(t) AS URL_DECODE(REPLACE(t, '+', ' '));
CREATE MACRO trino_url_encoded(t) AS REPLACE(REPLACE(REPLACE(URL_ENCODE(t), '%20', '+'), '%2A', '*'), '~', '%7E');
CREATE MACRO trino_url_parameter(u, name) AS LIST_TRANSFORM(LIST_FILTER(SPLIT(trino_url_part(u, 5), '&'),
    LAMBDA p : trino_url_part(u, 5) <> '' AND trino_url_decoded(SPLIT_PART(p, '=', 1)) = name),
    LAMBDA p : trino_url_decoded(CASE WHEN CONTAINS(p, '=') THEN SUBSTRING(p, STRPOS(p, '=') + 1) ELSE '' END))[1];
CREATE MACRO trino_log(value, x) AS CASE WHEN x IS NULL THEN NULL WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE value END;
CREATE MACRO trino_wilson(k, n, z, sign) AS CASE WHEN k < 0 THEN trino_invalid('number of successes must not be negative')
    WHEN n <= 0 THEN trino_invalid('number of trials must be positive') WHEN k > n THEN trino_invalid('number of successes must not be larger than number of trials')
    ELSE (k / n::DOUBLE + z * z / (2 * n) + sign * z * SQRT(k / n::DOUBLE * (1 - k / n::DOUBLE) / n + z * z / (4 * n::DOUBLE * n))) / (1 + z * z / n) END;
CREATE MACRO trino_bit_count(x, bits) AS CASE WHEN bits < 2 OR bits > 64 THEN trino_invalid('Bits specified in bit_count must be between 2 and 64, got ' || bits)
    WHEN bits < 64 AND (x >= CAST(2::HUGEINT ** (bits - 1) AS HUGEINT) OR x < -CAST(2::HUGEINT ** (bits - 1) AS HUGEINT))
    THEN trino_invalid('Number must be representable with the bits specified. ' || x || ' cannot be represented with ' || bits || ' bits')
    ELSE CAST(CASE WHEN x >= 0 THEN BIT_COUNT(x) ELSE BIT_COUNT(x) - (64 - bits) END AS BIGINT) END;
CREATE MACRO trino_left_shift(x, n) AS CASE WHEN n >= 64 THEN 0 ELSE trino_signed((x::HUGEINT * (1::HUGEINT << CAST(n AS INTEGER))) & 18446744073709551615::HUGEINT) END;
CREATE MACRO trino_signed(x) AS CAST(CASE WHEN x > 9223372036854775807 THEN x - 18446744073709551616::HUGEINT ELSE x END AS BIGINT);
CREATE MACRO trino_right_shift(x, n) AS CASE WHEN n >= 64 THEN 0 WHEN n = 0 THEN x
    ELSE CAST((CASE WHEN x < 0 THEN x::HUGEINT + 18446744073709551616::HUGEINT ELSE x::HUGEINT END) >> CAST(n AS INTEGER) AS BIGINT) END;
CREATE MACRO trino_histogram_of(m) AS CASE WHEN m IS NOT NULL THEN MAP(MAP_KEYS(m), LIST_TRANSFORM(MAP_VALUES(m), LAMBDA v : CAST(v AS BIGINT))) END;
CREATE MACRO trino_top(m, n) AS trino_map_of(LIST_TRANSFORM(LIST_SORT(LIST_TRANSFORM(MAP_ENTRIES(m), LAMBDA e : STRUCT_PACK(n := -CAST(e.value AS BIGINT), k := e.key)))[1:n],
    LAMBDA e : STRUCT_PACK(k := e.k, v := -e.n)));
