using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Rest.Subresources;

/// <summary>Binds a pod to a node: <c>pods/binding</c>, and the older <c>bindings</c> that names the pod in its body.</summary>
internal sealed class BindingHandler(EndpointRegistry endpoints, ObjectUpdater updater, TimeProvider time) : ISubresourceHandler
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } =
        [(new GroupResource("", "pods"), "binding"), (new GroupResource("", "bindings"), "")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var endpoint = endpoints.Find(Pods)!;
        var binding = Decode(request);
        var name = request.Info.Name.Length > 0 ? request.Info.Name : binding.Metadata.Name ?? "";
        Check(binding, name);
        var target = request with { Info = request.Info with { Resource = "pods", Subresource = "binding", Name = name } };
        var options = WriteOptions.Parse(request.Query);
        var update = new UpdateRequest(endpoint, target, "binding", options.DryRun) { Change = (current, item) => Bind(endpoint, current, item, binding) };
        await updater.UpdateAsync(update, cancellationToken);
        return BodyResponse.Json(201, new Status { StatusValue = "Success", Code = 201 });
    }

    private static Binding Decode(ApiRequest request)
    {
        try
        {
            return ModelJson.Parse<Binding>(BodyDecoder.ToJson(request));
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"Binding in version \"v1\" cannot be handled as a Binding: {exception.Message}");
        }
    }

    private static void Check(Binding binding, string podName)
    {
        var errors = new FieldErrors();
        if (binding.Metadata.Name is { Length: > 0 } name && name != podName)
        {
            throw ApiError.BadRequest("name in URL does not match name in Binding object");
        }
        if (binding.Target.Kind is not (null or "" or "Node"))
        {
            errors.NotSupported(FieldPath.Of("target").Child("kind"), binding.Target.Kind, ["Node", "<empty>"]);
        }
        if (string.IsNullOrEmpty(binding.Target.Name))
        {
            errors.Required(FieldPath.Of("target").Child("name"));
        }
        if (!errors.IsEmpty)
        {
            throw ApiError.Invalid(new GroupVersionKind("", "v1", "Binding"), podName, errors.Items);
        }
    }

    private JsonObject Bind(ResourceEndpoint endpoint, EncodedObject current, JsonObject item, Binding binding)
    {
        var pod = current.As<Pod>();
        if (binding.Metadata.Uid is { Length: > 0 } uid && uid != current.Header.Uid)
        {
            throw ApiError.Conflict(
                endpoint.Resource, current.Key.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Header.Uid}");
        }
        if (current.Header.IsDeleting)
        {
            throw ApiError.Conflict(endpoint.Resource, current.Key.Name, $"pod {current.Key.Name} is being deleted, cannot be assigned to a host");
        }
        if (pod.Spec.NodeName is { Length: > 0 } node)
        {
            throw ApiError.Conflict(endpoint.Resource, current.Key.Name, $"pod {current.Key.Name} is already assigned to node \"{node}\"");
        }
        if (pod.Spec.SchedulingGates.Count > 0)
        {
            throw ApiError.Conflict(endpoint.Resource, current.Key.Name, $"pod {current.Key.Name} has non-empty .spec.schedulingGates");
        }
        item["spec"]!["nodeName"] = binding.Target.Name;
        foreach (var (key, value) in binding.Metadata.Annotations)
        {
            var metadata = MetadataTree.Of(item);
            (metadata["annotations"] ??= new JsonObject())[key] = value;
        }
        SetScheduled(item, MetadataTree.Time(time.GetUtcNow()));
        return item;
    }

    private static void SetScheduled(JsonObject item, JsonNode now)
    {
        var status = item["status"] as JsonObject ?? [];
        var conditions = status["conditions"] as JsonArray ?? [];
        var kept = conditions.Where(condition => (string?)condition?["type"] != "PodScheduled").Select(condition => condition!.DeepClone()).ToList();
        kept.Add(new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = now,
        });
        status["conditions"] = new JsonArray([.. kept]);
        item["status"] = status;
    }
}
