// What a program written for Twilio finds here: its official client for Node, with another base URL
// and nothing else. A line a check; ends 1 when one fails.
'use strict';
const { check, failed, port, server } = require('./kit.js');

const parts = ['messages', 'services', 'inbound', 'errors'];

server.listen(Number(port), '127.0.0.1', async () => {
	try {
		for (const part of parts) await require(`./${part}.js`)();
	} catch (e) {
		check('no fault', false, String((e && e.stack) || e));
	}
	server.close();
	server.closeAllConnections();
	process.exitCode = failed() ? 1 : 0;
});
