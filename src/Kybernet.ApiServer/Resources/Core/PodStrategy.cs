using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Pods: made pending, changed in few things only, and deleted with grace once a node runs them.</summary>
internal sealed class PodStrategy : DefaultStrategy
{
    public override IReadOnlyList<string> SelectableFields { get; } =
    [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
        "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ];

    /// <summary>Each kubelet watches the pods of its own node.</summary>
    public override string IndexedField => "spec.nodeName";

    public override bool ReturnsDeletedObject => true;

    public override TableDefinition Table => PodTable.Definition;

    public override bool DefaultsUseMetadata => false;

    public override void Default(JsonObject item) => PodDefaults.Pod(item.Object("spec"));

    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        var spec = item.Object("spec");
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QosClass(spec) };
        if (spec?.Array("schedulingGates") is { Count: > 0 })
        {
            status["conditions"] = new JsonArray(GatedCondition());
        }
        item["status"] = status;
        if (spec?.Object("affinity") is { } affinity)
        {
            MatchLabelKeys.Apply(affinity, item.Object("metadata")?.Object("labels"));
        }
    }

    public override void PrepareForStatusUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
        if (previous.Object("status")?["qosClass"] is { } qosClass)
        {
            item.EnsureObject("status")["qosClass"] = qosClass.DeepClone();
        }
        else
        {
            item.EnsureObject("status")["qosClass"] = QosClass(item.Object("spec"));
        }
    }

    public override void PrepareForSubresourceUpdate(string subresource, JsonObject item, JsonObject previous, WriteContext context)
    {
        item.Restore(previous, "status");
        switch (subresource)
        {
            case "ephemeralcontainers":
                var ephemeral = item.Object("spec")?["ephemeralContainers"]?.DeepClone();
                item.Restore(previous, "spec");
                item.EnsureObject("spec")["ephemeralContainers"] = ephemeral;
                break;
            case "resize":
                PodResize.Prepare(item, previous);
                break;
        }
    }

    public override void ValidateSubresourceUpdate(string subresource, EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        switch (subresource)
        {
            case "ephemeralcontainers":
                PodValidation.ValidateEphemeralContainers(item.As<Pod>(), previous.As<Pod>(), errors);
                break;
            case "resize":
                PodResize.Validate(item.As<Pod>(), previous.As<Pod>(), errors);
                break;
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => PodValidation.ValidateCreate(item.As<Pod>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        PodValidation.ValidateUpdate(item.As<Pod>(), previous.As<Pod>(), errors);

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        PodStatusValidation.Validate(item.As<Pod>(), previous.As<Pod>(), errors);

    public override IEnumerable<string> Warnings(EncodedObject item)
    {
        var pod = item.As<Pod>();
        return PodWarnings.Of(pod.Metadata, pod.Spec, "");
    }

    public override string? SelectableField(EncodedObject item, string field)
    {
        var pod = item.As<Pod>();
        return field switch
        {
            "spec.nodeName" => pod.Spec.NodeName ?? "",
            "spec.restartPolicy" => pod.Spec.RestartPolicy ?? "",
            "spec.schedulerName" => pod.Spec.SchedulerName ?? "",
            "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "",
            "spec.hostNetwork" => pod.Spec.HostNetwork == true ? "true" : "false",
            "status.phase" => pod.Status.Phase ?? "",
            "status.podIP" => pod.Status.PodIP ?? "",
            "status.podIPs" => string.Join(",", pod.Status.PodIPs.Select(address => address.Ip)),
            "status.nominatedNodeName" => pod.Status.NominatedNodeName ?? "",
            _ => null,
        };
    }

    /// <summary>The grace that was asked for, or the pod's own; none where nothing runs yet or any more.</summary>
    public override long? GracePeriodSeconds(EncodedObject item, long? requested)
    {
        var pod = item.As<Pod>();
        if (string.IsNullOrEmpty(pod.Spec.NodeName) || pod.Status.Phase is "Failed" or "Succeeded")
        {
            return 0;
        }
        var period = requested ?? pod.Spec.TerminationGracePeriodSeconds ?? 0;
        return period < 0 ? 1 : period;
    }

    private static string QosClass(JsonObject? spec) => spec is null ? "BestEffort" : PodResources.QosClass(new PodSpec
    {
        Containers = WithResources(spec, "containers"),
        InitContainers = WithResources(spec, "initContainers"),
        Resources = ResourcesOf(spec),
    });

    private static List<Container> WithResources(JsonObject spec, string list)
    {
        var containers = new List<Container>();
        foreach (var container in spec.Objects(list))
        {
            containers.Add(new Container { Resources = ResourcesOf(container) });
        }
        return containers;
    }

    private static ResourceRequirements? ResourcesOf(JsonObject owner) =>
        owner.Object("resources") is { Count: > 0 } resources ? ModelJson.Parse<ResourceRequirements>(resources) : null;

    private static JsonObject GatedCondition() => new()
    {
        ["type"] = "PodScheduled",
        ["status"] = "False",
        ["reason"] = "SchedulingGated",
        ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
    };
}
