// Uploads a file with tus-js-client as a page would: in parts, breaking off once and going on, by what the server says.
// node upload.cjs ENDPOINT FILE NAME; prints the upload's address.
const fs = require('node:fs')
const tus = require('tus-js-client')

const [endpoint, path, name] = process.argv.slice(2)
const { size } = fs.statSync(path)
const common = { chunkSize: 1 << 20, retryDelays: [100, 500, 1000], metadata: { filename: name, filetype: 'text/plain' } }

function fail(error) {
  console.error(String(error))
  process.exit(1)
}

function goOn(address) {
  const upload = new tus.Upload(fs.createReadStream(path), {
    ...common, uploadUrl: address, uploadSize: size, onError: fail,
    onSuccess: () => console.log(upload.url),
  })
  upload.start()
}

let broken = false
const first = new tus.Upload(fs.createReadStream(path), {
  ...common, endpoint, uploadSize: size, onError: fail,
  onProgress: (sent) => {
    if (broken || sent < size / 2) return
    broken = true
    first.abort().then(() => goOn(first.url), fail)
  },
  onSuccess: () => fail('it was over before it could break off'),
})
first.start()
