using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Subresources;

/// <summary>Lets whoever has emptied a namespace take its finalizer away: <c>namespaces/finalize</c>. The last one to do so lets the namespace go.</summary>
internal sealed class NamespaceFinalizeHandler(EndpointRegistry endpoints, ObjectUpdater updater) : ISubresourceHandler
{
    private static readonly GroupVersionResource Namespaces = new("", "v1", "namespaces");

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } = [(Namespaces.GroupResource, "finalize")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var endpoint = endpoints.Find(Namespaces)!;
        var options = WriteOptions.Parse(request.Query);
        var body = BodyDecoder.Decode(request, endpoint.Kind, endpoint.Schema, options.FieldValidation);
        var given = MetadataTree.Text(MetadataTree.Of(body), "resourceVersion");
        var update = new UpdateRequest(endpoint, request, "finalize", options.DryRun)
        {
            Change = (current, item) =>
            {
                if (given.Length > 0 && given != current.Header.ResourceVersion)
                {
                    throw ApiError.Stale(endpoint.Resource, request.Info.Name);
                }
                var spec = item["spec"] as JsonObject ?? [];
                MetadataTree.Restore(spec, body["spec"] as JsonObject ?? [], "finalizers");
                item["spec"] = spec;
                return item;
            },
        };
        return new ObjectResponse(200, await updater.UpdateAsync(update, cancellationToken));
    }
}
