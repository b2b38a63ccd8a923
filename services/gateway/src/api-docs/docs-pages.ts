import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router, static as files, type Response } from 'express';

/** What is served beside the API: its descriptions, the page that shows them, and a page to begin at. No sign-in. */

const swaggerUi = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
const assets = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']);

export interface Documents {
  readonly openApi: () => object;
  readonly asyncApi: () => object;
}

export function docsPages({ openApi, asyncApi }: Documents): Router {
  const router = Router();
  const openApiJson = once(() => JSON.stringify(openApi()));
  const asyncApiJson = once(() => JSON.stringify(asyncApi()));
  router.get('/', (_request, response) => html(response, helloPage));
  router.get('/api/openapi.json', (_request, response) => json(response, openApiJson()));
  router.get('/api/asyncapi.json', (_request, response) => json(response, asyncApiJson()));
  router.get('/api/docs', (_request, response) => html(response, docsPage));
  router.get('/api/docs-assets/start.js', (_request, response) => void response.type('js').send(startScript));
  router.use('/api/docs-assets', (request, response, next) => {
    if (assets.has(request.path)) files(swaggerUi, { maxAge: '1d', index: false })(request, response, next);
    else next();
  });
  return router;
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

function json(response: Response, text: string): void {
  response.type('application/json').send(text);
}

function html(response: Response, text: string): void {
  response.type('html').send(text);
}

const helloPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>M3 Forge Publishing</title></head>
<body><main><h1>M3 Forge Publishing</h1>
<p>The API is at <code>/api/v1</code>.</p>
<ul><li><a href="/api/docs">Description of the API</a> (<a href="/api/openapi.json">OpenAPI</a>)</li>
<li><a href="/api/asyncapi.json">Events on the bus (AsyncAPI)</a></li>
<li><a href="/health/ready">Is it ready?</a></li></ul></main></body></html>
`;

const docsPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>API of M3 Forge Publishing</title>
<link rel="icon" href="/api/docs-assets/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs-assets/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="/api/docs-assets/swagger-ui-bundle.js"></script>
<script src="/api/docs-assets/start.js"></script></body></html>
`;

const startScript = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#page', deepLinking: true });
`;
