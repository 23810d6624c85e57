// SPDX-License-Identifier: Apache-2.0
// Everything of node that has threads, children or descriptors; prints nothing that varies. Arguments: program that looks at
// processes, its file.
"use strict";
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const { execFileSync, exec, spawn } = require("child_process");
const { promisify } = require("util");
const crypto = require("crypto"), fs = require("fs"), http = require("http"), zlib = require("zlib");

async function main([look, file]) {
	execFileSync(look, [file]);

	const server = http.createServer((request, response) => response.end(`${request.method} ${request.url}\n`));
	await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
	const ask = path => new Promise((resolve, reject) =>
		http.get({ port: server.address().port, path }, response => {
			let body = "";
			response.on("data", part => body += part).on("end", () => resolve(body));
		}).on("error", reject));
	const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(`/${index}`)));
	console.log(answers.length, answers[49].trim());
	server.close();

	const sums = await Promise.all([1, 2, 3].map(seed => new Promise((resolve, reject) =>
		new Worker(__filename, { workerData: seed }).on("message", resolve).on("error", reject))));
	console.log("workers", sums.join(" "));

	const keys = await Promise.all(["a", "b", "c", "d", "e"].map(word =>
		promisify(crypto.pbkdf2)(word, "salt", 20000, 16, "sha256")));
	console.log("keys", keys.map(key => key.toString("hex")).join(" "));

	const packed = await promisify(zlib.gzip)(Buffer.alloc(1 << 20, "tickbird "));
	fs.writeFileSync(file + ".gz", packed);
	console.log("packed", (await promisify(zlib.gunzip)(await fs.promises.readFile(file + ".gz"))).length);

	try { await promisify(exec)("echo from a shell; exit 7"); } catch (error) { console.log("shell", error.code, error.stdout.trim()); }
	const cat = spawn("cat", { stdio: ["pipe", "pipe", "inherit"] });
	cat.stdin.end("through cat");
	console.log(await new Promise(resolve => cat.stdout.on("data", text => resolve(String(text)))));

	await new Promise(resolve => { process.once("SIGUSR2", resolve); process.kill(process.pid, "SIGUSR2"); });
	console.log("signal");
	await promisify(setTimeout)(50);
	console.error("to stderr");
	process.exitCode = 8;
}

if (isMainThread)
	main(process.argv.slice(2));
else {
	let sum = workerData;
	for (let index = 0; index < 1e6; index++)
		sum = (sum * 31 + index) % 1000003;
	parentPort.postMessage(sum);
}
