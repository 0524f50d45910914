using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>Serves the documents of <see cref="OpenIdDiscovery"/>.</summary>
/// <param name="discovery">The documents.</param>
internal sealed class OpenIdHandler(OpenIdDiscovery discovery) : IPathHandler
{
    /// <inheritdoc/>
    public bool Handles(string path) => path is OpenIdDiscovery.ConfigurationPath or OpenIdDiscovery.KeysPath;

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ApiResponse>(request.Path == OpenIdDiscovery.KeysPath
            ? new BodyResponse(200, "application/jwk-set+json", discovery.Keys)
            : BodyResponse.Json(200, discovery.Configuration));
}
