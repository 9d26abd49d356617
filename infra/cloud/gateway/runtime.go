package gateway

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// documented are the globals of the runtime cloudfront-js-2.0.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
var documented = strings.Fields(`
	Array ArrayBuffer Boolean DataView Date JSON Math Number Object Promise RegExp String Symbol
	Float32Array Float64Array Int8Array Int16Array Int32Array
	Uint8Array Uint8ClampedArray Uint16Array Uint32Array
	Error EvalError RangeError ReferenceError SyntaxError TypeError URIError
	decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN parseFloat parseInt
	NaN Infinity undefined globalThis`)

// edgeRuntime returns a JavaScript engine without the globals that CloudFront does not document: a
// function that needs eval or a timer fails here, too. It also fails if it needs what CloudFront
// documents and this engine lacks (console, modules, TextDecoder …).
func edgeRuntime() (*goja.Runtime, error) {
	vm := goja.New()
	global := vm.GlobalObject()
	for _, name := range global.GetOwnPropertyNames() {
		if slices.Contains(documented, name) {
			continue
		}
		if err := global.Delete(name); err != nil {
			return nil, err
		}
	}
	// Without this, eval could be had from the constructor of any function.
	_, err := vm.RunString(`delete Object.getPrototypeOf(function () {}).constructor`)
	return vm, err
}
