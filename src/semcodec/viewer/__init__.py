"""The viewer in browsers, as the Python package ships it.

`built/` is made of `viewer/` (TypeScript) by `npm run package` there, and committed, so that who installs a wheel needs
no Node: scripts, a page, and the WebAssembly of ONNX Runtime. Tables and networks are those of this package: `assets`
gives them under the names that the scripts ask for. `page` writes a page that holds files and all that shows them;
`site` is what a server answers with.
"""
