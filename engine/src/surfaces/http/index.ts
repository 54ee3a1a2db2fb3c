export { createHttpServer, type HttpOptions } from './server.ts'
