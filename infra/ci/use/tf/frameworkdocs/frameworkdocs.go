// Package tffwdocs stands in for the module of this name, which writes the provider's documentation and has no part
// in what the provider does. The module proxy does not always serve the real one.
package tffwdocs

// ProviderRenderOption and the others hold texts for the documentation. Nothing reads them here.
type (
	ProviderRenderOption          = option
	ResourceRenderOption          = option
	DataSourceRenderOption        = option
	EphemeralResourceRenderOption = option
)

type option struct {
	Examples         []Example
	IdentityExamples []Example
	ImportId         *ImportId
}

// Example is an example of a block.
type Example struct{ Header, HCL string }

// ImportId says what an import needs.
type ImportId struct{ Format, ExampleCmdArg, ExampleBlk string }

// ProviderWithRenderOption and the others are what the provider asserts of its types.
type (
	ProviderWithRenderOption          interface{ RenderOption() ProviderRenderOption }
	ResourceWithRenderOption          interface{ RenderOption() ResourceRenderOption }
	DataSourceWithRenderOption        interface{ RenderOption() DataSourceRenderOption }
	EphemeralResourceWithRenderOption interface {
		RenderOption() EphemeralResourceRenderOption
	}
)
