namespace Kybernet.ApiServer.Pipeline;

/// <summary>Answers requests that are not about API objects: health, version, discovery, OpenAPI, metrics.</summary>
public interface IPathHandler
{
    /// <summary>Whether the path is one of this handler's.</summary>
    bool Handles(string path);

    /// <summary>Answers the request, which is authenticated and authorised already.</summary>
    /// <exception cref="ApiError">The request fails.</exception>
    ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken);
}
