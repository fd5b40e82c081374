SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion'))
SELECT s.name, o.name, RTRIM(o.type), COALESCE(t.temporal_type, 0), COALESCE(p.n, -1),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'SELECT'),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'UPDATE'),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'DELETE')
		FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id LEFT JOIN sys.tables t ON t.object_id = o.object_id
			OUTER APPLY (SELECT SUM(x.rows) AS n FROM sys.partitions x WHERE x.object_id = o.object_id AND x.index_id IN (0, 1)) p
		WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
		ORDER BY CASE WHEN s.name = SCHEMA_NAME() THEN 0 ELSE 1 END, s.name, o.name
SELECT s.name, o.name, c.name, CASE WHEN c.system_type_id = 240 THEN TYPE_NAME(c.user_type_id) ELSE TYPE_NAME(c.system_type_id) END,
			c.max_length, c.precision, c.scale, CAST(c.is_nullable AS int), CAST(c.is_computed AS int), CAST(c.is_identity AS int),
			COALESCE(c.generated_always_type, 0), CASE WHEN c.default_object_id <> 0 THEN 1 ELSE 0 END, COALESCE(c.collation_name, '')
		FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
		WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name, c.column_id
SELECT s.name, o.name, x.name, c.name, CAST(x.is_primary_key AS int), CAST(x.has_filter AS int)
		FROM sys.indexes x JOIN sys.objects o ON o.object_id = x.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
			JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.is_included_column = 0
			JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
		WHERE x.is_unique = 1 AND x.is_disabled = 0 AND o.type = 'U' AND o.is_ms_shipped = 0
		ORDER BY s.name, o.name, x.is_primary_key DESC, x.name, k.key_ordinal
SELECT s.name, o.name, f.name, c.name, rs.name, ro.name, rc.name, f.update_referential_action_desc, f.delete_referential_action_desc
		FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
			JOIN sys.objects o ON o.object_id = f.parent_object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
			JOIN sys.columns c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
			JOIN sys.objects ro ON ro.object_id = f.referenced_object_id JOIN sys.schemas rs ON rs.schema_id = ro.schema_id
			JOIN sys.columns rc ON rc.object_id = k.referenced_object_id AND rc.column_id = k.referenced_column_id
		WHERE f.is_disabled = 0 ORDER BY s.name, o.name, f.name, k.constraint_column_id
SELECT s.name, o.name, k.definition FROM sys.check_constraints k JOIN sys.objects o ON o.object_id = k.parent_object_id
		JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE k.is_disabled = 0 ORDER BY s.name, o.name, k.name
SELECT s.name, o.name, t.name, MAX(CASE WHEN e.type_desc = 'UPDATE' THEN 1 ELSE 0 END), MAX(CASE WHEN e.type_desc = 'DELETE' THEN 1 ELSE 0 END)
		FROM sys.triggers t JOIN sys.trigger_events e ON e.object_id = t.object_id JOIN sys.objects o ON o.object_id = t.parent_id
			JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE t.parent_class = 1 AND t.is_disabled = 0
		GROUP BY s.name, o.name, t.name ORDER BY s.name, o.name, t.name

-- snapshot
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SELECT CAST(snapshot_isolation_state AS int) FROM sys.databases WHERE database_id = DB_ID()
SET TRANSACTION ISOLATION LEVEL SNAPSHOT
BEGIN TRANSACTION
SELECT TOP (1) object_id FROM sys.objects

-- all columns, limited
SELECT TOP (3) t."id", t."mail", t."old_mail", RTRIM(t."phone"), t."boss", LOWER(CONVERT(char(36), t."guid")), CONVERT(char(10), t."born", 23), CONVERT(varchar(33), CONVERT(datetime2, SWITCHOFFSET(t."seen", '+00:00')), 126), CONVERT(varchar(33), CONVERT(datetime2, t."at"), 126), CONVERT(varchar(50), t."sum"), t."low", t."yes", t."photo", t."doc", t."whole", t."version", t."place".ToString() FROM "dbo"."customers" AS t

-- a table without a key
SELECT t."text", CONVERT(varchar(64), HASHBYTES('SHA2_256', CONCAT(DATALENGTH(CONVERT(nvarchar(max), t."a]b""c")), ':', CONVERT(nvarchar(max), t."a]b""c"), ',') + CONCAT(DATALENGTH(CONVERT(nvarchar(max), t."text")), ':', CONVERT(nvarchar(max), t."text"), ',')), 2) + ':' + CONVERT(varchar(20), ROW_NUMBER() OVER (PARTITION BY HASHBYTES('SHA2_256', CONCAT(DATALENGTH(CONVERT(nvarchar(max), t."a]b""c")), ':', CONVERT(nvarchar(max), t."a]b""c"), ',') + CONCAT(DATALENGTH(CONVERT(nvarchar(max), t."text")), ':', CONVERT(nvarchar(max), t."text"), ',')) ORDER BY (SELECT NULL))) FROM "sales"."odd]name""" AS t

-- hostile names, a collation in which i is not I
SELECT t."a]b""c" FROM "sales"."odd]name""" AS t WHERE LOWER(CONVERT(nvarchar(4000), t."text") COLLATE Latin1_General_BIN2) IN (@p1)
  @p1 string "x"

-- exact id
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."id" IN (@p1)
  @p1 int64 "7"

-- exact mail
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."mail" IN (@p1)
  @p1 string "a@b"

-- exact old_mail
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."old_mail" IN (CONVERT(varchar(8000), @p1))
  @p1 string "a@b"

-- exact phone
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."phone" IN (@p1)
  @p1 string "1"

-- exact guid
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."guid" IN (@p1)
  @p1 string "0b0e5e1a-0000-4000-8000-000000000001"

-- exact born
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."born" IN (CONVERT(date, @p1, 23))
  @p1 string "2026-01-02"

-- exact seen
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."seen" IN (CONVERT(datetimeoffset, @p1, 126))
  @p1 string "2026-01-02T01:04:05"

-- exact at
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."at" IN (CONVERT(datetime2, @p1, 126))
  @p1 string "2026-01-02T03:04:05.5"

-- exact sum
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."sum" IN (CONVERT(decimal(38, 2), @p1))
  @p1 string "12.50"

-- exact low
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."low" IN (CONVERT(real, @p1))
  @p1 float64 "0.1"

-- exact yes
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."yes" IN (@p1)
  @p1 int64 "1"

-- exact photo
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."photo" IN (@p1)
  @p1 []uint8 "[1 2]"

-- exact ntext
SELECT t."id", CONVERT(nvarchar(max), t."note") FROM "dbo"."orders" AS t WHERE CONVERT(nvarchar(max), t."note") IN (@p1)
  @p1 string "x"

-- letters folded mail
SELECT t."id" FROM "dbo"."customers" AS t WHERE t."mail" IN (@p1, @p2)
  @p1 string "a@b"
  @p2 string "c@d"

-- letters folded old_mail
SELECT t."id" FROM "dbo"."customers" AS t WHERE LOWER(CONVERT(nvarchar(4000), t."old_mail") COLLATE Latin1_General_BIN2) IN (@p1, @p2)
  @p1 string "a@b"
  @p2 string "c@d"

-- digits
SELECT t."id" FROM "dbo"."customers" AS t WHERE REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CONVERT(nvarchar(4000), RTRIM(t."phone")) COLLATE Latin1_General_BIN2, N' ', N''), N'-', N''), N'(', N''), N')', N''), N'+', N''), N'.', N''), N'/', N''), N' ', N'') IN (@p1)
  @p1 string "4792233445"

-- several fields
SELECT t."id" FROM "dbo"."customers" AS t WHERE (t."boss" = @p1 AND t."mail" = @p2) OR (t."boss" = @p3 AND t."mail" = @p4)
  @p1 int64 "1"
  @p2 string "x"
  @p3 int64 "2"
  @p4 string "y"

-- named by what a row holds
SELECT t."id" FROM "dbo"."customers" AS t WHERE (CONVERT(varbinary(max), CONVERT(nvarchar(max), t."mail")) = CONVERT(varbinary(max), CONVERT(nvarchar(max), @p1)) AND t."boss" IS NULL AND t."sum" = CONVERT(decimal(38, 1), @p2) AND t."photo" = @p3 AND t."low" = CONVERT(real, @p4))
  @p1 string "x"
  @p2 string "1.5"
  @p3 []uint8 "[9]"
  @p4 float64 "1"

-- a place in a document
SELECT CASE WHEN ISJSON(t."doc") = 1 THEN COALESCE(JSON_QUERY(t."doc", @p1), JSON_VALUE(t."doc", @p1)) END FROM "dbo"."customers" AS t WHERE CASE WHEN ISJSON(t."doc") = 1 THEN COALESCE(JSON_QUERY(t."doc", @p2), JSON_VALUE(t."doc", @p2)) END IN (@p3)
  @p1 string "$.\"a\".\"b\\\"c\""
  @p2 string "$.\"a\".\"b\\\"c\""
  @p3 string "x"

-- a list in a document
SELECT t."id" FROM "dbo"."customers" AS t WHERE EXISTS (SELECT 1 FROM (SELECT [value] AS e FROM OPENJSON(CASE WHEN ISJSON(t."doc") = 1 THEN COALESCE(JSON_QUERY(t."doc", @p1), CASE WHEN JSON_VALUE(t."doc", @p1) IS NOT NULL THEN CONCAT('["', STRING_ESCAPE(JSON_VALUE(t."doc", @p1), 'json'), '"]') END) END)) AS j WHERE LOWER(j.e COLLATE Latin1_General_BIN2) IN (@p2))
  @p1 string "$.\"tags\""
  @p2 string "x"

-- count mail
SELECT v, COUNT(*) FROM (SELECT CONVERT(nvarchar(4000), t."mail") COLLATE Latin1_General_BIN2 AS v FROM "dbo"."customers" AS t WHERE t."mail" IN (@p1, @p2)) AS x GROUP BY v
  @p1 string "1"
  @p2 string "2"

-- count boss
SELECT v, COUNT(*) FROM (SELECT t."boss" AS v FROM "dbo"."customers" AS t WHERE t."boss" IN (@p1, @p2)) AS x GROUP BY v
  @p1 int64 "1"
  @p2 int64 "2"

-- count doc
SELECT v, COUNT(*) FROM (SELECT j.e COLLATE Latin1_General_BIN2 AS v FROM "dbo"."customers" AS t CROSS APPLY (SELECT [value] AS e FROM OPENJSON(CASE WHEN ISJSON(t."doc") = 1 THEN COALESCE(JSON_QUERY(t."doc", @p1), CASE WHEN JSON_VALUE(t."doc", @p1) IS NOT NULL THEN CONCAT('["', STRING_ESCAPE(JSON_VALUE(t."doc", @p1), 'json'), '"]') END) END)) AS j WHERE j.e COLLATE Latin1_General_BIN2 IN (@p2, @p3)) AS x GROUP BY v
  @p1 string "$.\"tags\""
  @p2 string "1"
  @p3 string "2"

-- lock
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
SELECT t."id", t."mail" FROM "dbo"."customers" AS t WITH (UPDLOCK, ROWLOCK) WHERE t."id" IN (@p1, @p2)
  @p1 int64 "1"
  @p2 int64 "2"
COMMIT

-- one value for all rows
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
UPDATE t SET "mail" = NULL, "born" = CONVERT(date, @p1, 23), "photo" = NULL, "seen" = CONVERT(datetimeoffset, @p2, 126), "guid" = @p3, "sum" = CONVERT(decimal(38, 2), @p4), "yes" = @p5 FROM "dbo"."customers" AS t WHERE (t."id" IN (@p6, @p7)); SELECT CAST(@@ROWCOUNT AS bigint)
  @p1 string "2026-01-02"
  @p2 string "2026-01-02T01:04:05"
  @p3 string "0b0e5e1a-0000-4000-8000-000000000001"
  @p4 string "12.50"
  @p5 int64 "1"
  @p6 int64 "1"
  @p7 int64 "2"
COMMIT

-- each row its own
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
UPDATE t SET "mail" = CASE WHEN t."id" = @p1 THEN @p2 WHEN t."id" = @p3 THEN NULL END, "doc" = CASE WHEN (JSON_VALUE(t."doc", @p4) IS NOT NULL OR JSON_QUERY(t."doc", @p4) IS NOT NULL) THEN JSON_MODIFY(t."doc", @p5, @p6) ELSE t."doc" END FROM "dbo"."customers" AS t WHERE (t."id" IN (@p7, @p8)); SELECT CAST(@@ROWCOUNT AS bigint)
  @p1 int64 "1"
  @p2 string "a"
  @p3 int64 "2"
  @p4 string "$.\"a\".\"b\\\"c\""
  @p5 string "strict $.\"a\".\"b\\\"c\""
  @p6 string "x"
  @p7 int64 "1"
  @p8 int64 "2"
COMMIT

-- delete, with a rule that takes orders along and one within the table
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
UPDATE t SET "boss" = NULL FROM "dbo"."customers" AS t WHERE (t."id" IN (@p1, @p2)); SELECT CAST(@@ROWCOUNT AS bigint)
  @p1 int64 "1"
  @p2 int64 "2"
SELECT t."id" FROM "dbo"."orders" AS t WITH (UPDLOCK, ROWLOCK) WHERE t."customer_id" IN (@p1, @p2)
  @p1 int64 "1"
  @p2 int64 "2"
DELETE t FROM "dbo"."customers" AS t WHERE t."id" IN (@p1, @p2); SELECT CAST(@@ROWCOUNT AS bigint)
  @p1 int64 "1"
  @p2 int64 "2"
COMMIT

-- a table with a trigger: nobody can tell what it does
SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647
SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
DELETE t FROM "sales"."odd]name""" AS t WHERE (t."a]b""c" = @p1) OR (t."a]b""c" = @p2); SELECT CAST(@@ROWCOUNT AS bigint)
  @p1 int64 "1"
  @p2 int64 "2"
COMMIT
