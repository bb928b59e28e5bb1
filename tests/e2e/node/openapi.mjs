// Whether openapi.json is one, by a validator of somebody else's. Arguments: the validator's folder, the file.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [folder, file] = process.argv.slice(2);
const { Validator } = await import(pathToFileURL(`${folder}/index.js`));
const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(file, 'utf8')));
if (!result.valid) {
	console.log(JSON.stringify(result.errors, null, 1));
	process.exit(1);
}
validator.resolveRefs();	// throws at a reference that leads nowhere
console.log(`OpenAPI ${validator.version}: valid`);
