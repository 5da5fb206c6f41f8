// Ask the server with the official TypeScript client: node client.mjs ERA (URL | COMMAND ARGUMENTS…)
// Prints what it was answered; the client itself checks structured content against the tools' output schemas.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [era, target, ...rest] = process.argv.slice(2);
const client = new Client({ name: 'check', version: '1' }, { versionNegotiation: { mode: era } });
const transport = target.startsWith('http')
  ? new StreamableHTTPClientTransport(new URL(target))
  : new StdioClientTransport({ command: target, args: rest, env: process.env });

await client.connect(transport);
const { tools } = await client.listTools();
let told = 0;
const counted = await client.callTool(
  { name: 'intercom_query', arguments: { sql: 'select count(*) as n from contacts' } },
  { onprogress: () => (told += 1) },
);
const company = await client.callTool({ name: 'intercom_list_companies', arguments: { name: 'acme corp' } });
const wrong = await client.callTool({ name: 'intercom_query', arguments: { sq: 'select 1' } });
const { contents } = await client.readResource({ uri: 'intercom://schema/contacts' });
console.log(
  JSON.stringify({
    tools: tools.length,
    rows: counted.structuredContent.rows,
    company: company.structuredContent.rows.length,
    wrong: [wrong.isError, wrong.content[0].text],
    columns: JSON.parse(contents[0].text).columns.map(({ column }) => column),
  }),
);
await client.close();
