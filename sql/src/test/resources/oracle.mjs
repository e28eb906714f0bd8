// Reads a JSON array of SQL texts from standard input and writes what PostgreSQL's own parser, compiled to
// WebAssembly, says about each: a JSON array of objects on standard output.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(process.cwd() + '/'));
const { loadModule, parseSync, scanSync, normalizeSync, fingerprintSync } = require('libpg-query');

function named(range) {
  return (range.schemaname ? JSON.stringify(range.schemaname) + '.' : '') + JSON.stringify(range.relname);
}

/** Collects the relations of a parse tree; names of common table expressions count only where they are not in sight. */
class Relations {
  reads = new Set();
  writes = new Set();

  walk(node, scope) {
    if (Array.isArray(node)) {
      for (const child of node) this.walk(child, scope);
    } else if (node && typeof node === 'object') {
      for (const [key, child] of Object.entries(node)) {
        if (key === 'RangeVar') this.read(child, scope);
        else if (/^(Insert|Update|Delete|Merge)Stmt$/.test(key)) this.change(child, scope);
        else if (key === 'TruncateStmt') child.relations.forEach((r) => this.writes.add(named(r.RangeVar)));
        else if (key === 'CopyStmt' && child.relation) (child.is_from ? this.writes : this.reads).add(named(child.relation));
        else if (key === 'LockingClause') continue;
        else if (key === 'intoClause') this.writes.add(named(child.rel));
        else if (child && child.withClause) this.walkWith(child, scope);
        else this.walk(child, scope);
      }
    }
  }

  walkWith(statement, scope) {
    const { withClause, ...rest } = statement;
    let inner = scope;
    if (withClause) {
      const names = withClause.ctes.map((c) => c.CommonTableExpr.ctename);
      if (withClause.recursive) inner = new Set([...scope, ...names]);
      withClause.ctes.forEach((c, i) => {
        this.walk(c, inner);
        inner = new Set([...inner, names[i]]);
      });
    }
    this.walk(rest, inner);
  }

  change(statement, scope) {
    this.writes.add(named(statement.relation));
    const { relation, ...rest } = statement;
    this.walkWith(rest, scope);
  }

  read(range, scope) {
    if (range.schemaname || !scope.has(range.relname)) this.reads.add(named(range));
  }
}

function orNull(ask) {
  try {
    return ask();
  } catch {
    return null;
  }
}

function answer(sql) {
  const scan = orNull(() => scanSync(sql).tokens.map((t) => [t.start, t.end, t.tokenName]));
  const tree = orNull(() => parseSync(sql));
  if (!tree) return { scan, valid: false };
  const relations = new Relations();
  relations.walk(tree.stmts ?? [], new Set());
  return {
    scan,
    valid: true,
    parts: (tree.stmts ?? []).map((s) => [s.stmt_location ?? 0, s.stmt_len ?? 0]),
    reads: [...relations.reads].sort(),
    writes: [...relations.writes].sort(),
    normal: orNull(() => normalizeSync(sql)),
    fingerprint: orNull(() => fingerprintSync(sql)),
  };
}

let input = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) input += chunk;
await loadModule();
process.stdout.write(JSON.stringify(JSON.parse(input).map(answer)));
