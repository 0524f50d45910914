using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Autoscaling.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Selectors;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Rest.Subresources;

/// <summary>The <c>scale</c> subresource: the number of replicas, apart from everything else, in one form for all kinds that have one.</summary>
internal sealed class ScaleHandler(EndpointRegistry endpoints, ObjectReader reader, ObjectUpdater updater) : ISubresourceHandler
{
    private const string Scale = "scale";

    private static readonly ScalePaths Usual = new(["spec", "replicas"], ["status", "replicas"], null);

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } = [(ISubresourceHandler.AnyResource, Scale)];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var endpoint = endpoints.Find(new GroupVersionResource(request.Info.ApiGroup, request.Info.ApiVersion, request.Info.Resource))!;
        if (request.Info.Verb == "get")
        {
            return BodyResponse.Json(200, Read(endpoint, await reader.GetAsync(endpoint, request, cancellationToken)));
        }
        var options = WriteOptions.Parse(request.Query);
        var patch = request.Info.Verb == "patch" ? ObjectPatch.Read(endpoint, request) : null;
        var update = new UpdateRequest(endpoint, request, Scale, options.DryRun)
        {
            Attempts = 5,
            Change = (current, item) => Apply(endpoint, current, item, patch is null ? Decode(BodyDecoder.ToJson(request)) : Patched(endpoint, patch, current)),
        };
        return BodyResponse.Json(200, Read(endpoint, await updater.UpdateAsync(update, cancellationToken)));
    }

    private static Scale Patched(ResourceEndpoint endpoint, ObjectPatch patch, EncodedObject current) =>
        patch.Apply(ModelJson.ToTree(Read(endpoint, current))) is JsonObject patched ? Decode(ModelJson.ToUtf8(patched)) : throw ApiError.BadRequest("the patch does not leave an object");

    private static Scale Decode(ReadOnlySpan<byte> json)
    {
        try
        {
            return ModelJson.Parse<Scale>(json);
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"Scale in version \"v1\" cannot be handled as a Scale: {exception.Message}");
        }
    }

    private static JsonObject Apply(ResourceEndpoint endpoint, EncodedObject current, JsonObject item, Scale scale)
    {
        if (scale.Metadata.ResourceVersion is { Length: > 0 } revision && revision != current.Header.ResourceVersion)
        {
            throw ApiError.Stale(endpoint.Resource, current.Key.Name);
        }
        var replicas = scale.Spec.Replicas ?? 0;
        if (replicas < 0)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec").Child("replicas"), (long)replicas, "must be greater than or equal to 0");
            throw ApiError.Invalid(new GroupVersionKind("autoscaling", "v1", "Scale"), current.Key.Name, errors.Items);
        }
        var path = PathsOf(endpoint).SpecReplicas;
        var parent = item;
        foreach (var name in path.SkipLast(1))
        {
            parent = parent.EnsureObject(name);
        }
        parent[path[^1]] = replicas;
        return item;
    }

    private static ScalePaths PathsOf(ResourceEndpoint endpoint) => endpoint.Strategy.Scale ?? Usual;

    private static Scale Read(ResourceEndpoint endpoint, EncodedObject item)
    {
        var tree = ModelJson.ParseTree(item.Json.Span)!;
        var paths = PathsOf(endpoint);
        var metadata = ObjectHeader.ReadMetadata(item.Json.Span);
        return new Scale
        {
            Metadata = new ObjectMeta
            {
                Name = metadata.Name,
                Namespace = metadata.Namespace,
                Uid = metadata.Uid,
                ResourceVersion = metadata.ResourceVersion,
                CreationTimestamp = metadata.CreationTimestamp,
            },
            Spec = new ScaleSpec { Replicas = Number(tree, paths.SpecReplicas) },
            Status = new ScaleStatus
            {
                Replicas = Number(tree, paths.StatusReplicas),
                Selector = endpoint.Strategy.Scale is null ? SelectorText(tree["spec"]?["selector"])
                    : paths.Selector is { } selector ? JsonValues.Text(At(tree, selector)) : null,
            },
        };
    }

    private static int Number(JsonNode tree, IReadOnlyList<string> path) => JsonValues.TryInt64(At(tree, path), out var number) ? (int)number : 0;

    private static JsonNode? At(JsonNode tree, IReadOnlyList<string> path)
    {
        JsonNode? node = tree;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }
        return node;
    }

    /// <summary>ReplicationControllers select by a plain map; the others by a label selector.</summary>
    private static string SelectorText(JsonNode? selector) => selector switch
    {
        JsonObject map when map.ContainsKey("matchLabels") || map.ContainsKey("matchExpressions") =>
            Selector.From(ModelJson.Parse<LabelSelector>(map)).ToString(),
        JsonObject map => string.Join(',', map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}")),
        _ => "",
    };
}
