using Kybernet.Api;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Answers requests for a subresource, or for a resource that is never stored, that are more than reading and writing part of an object.</summary>
public interface ISubresourceHandler
{
    /// <summary>Stands for every resource that has the subresource and no handler of its own for it.</summary>
    static readonly GroupResource AnyResource = new("*", "*");

    /// <summary>What it answers for, as in <c>pods</c> and <c>binding</c>; the second is empty for the resource itself.</summary>
    IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; }

    /// <summary>Answers the request, which is authenticated and authorised already.</summary>
    /// <exception cref="ApiError">The request fails.</exception>
    ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken);
}
