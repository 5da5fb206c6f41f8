// Ask the server with the official TypeScript client what standard input says: node ask.mjs (URL | COMMAND ARGUMENTS…)
// Lines come and go as in tests/mcp/evaluation/program.py.
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [target, ...rest] = process.argv.slice(2);
const client = new Client({ name: 'asks', version: '1' }, { versionNegotiation: { mode: 'auto' } });
const transport = target.startsWith('http')
  ? new StreamableHTTPClientTransport(new URL(target))
  : new StdioClientTransport({ command: target, args: rest, env: process.env });

await client.connect(transport);
await client.listTools();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, args] = JSON.parse(line);
  const result = await client.callTool({ name, arguments: args });
  const text = result.content.find(({ type }) => type === 'text').text;
  console.log(JSON.stringify({ error: result.isError ?? false, text, structured: result.structuredContent ?? null }));
}
await client.close();
