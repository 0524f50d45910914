using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Nodes: taints that fit, a pod network that stays once it is given.</summary>
internal sealed class NodeStrategy : DefaultStrategy
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.unschedulable"];

    public override bool HasGeneration => false;

    // A kubelet registers its node with what it knows of it.
    public override bool TakesStatusOnCreate => true;

    public override TableDefinition Table => NodeTable.Definition;

    public override void Default(JsonObject item)
    {
        if (item.Object("spec") is not { } spec)
        {
            return;
        }
        if (spec.Array("podCIDRs") is not { Count: > 0 } && spec.Text("podCIDR") is { Length: > 0 } cidr)
        {
            spec["podCIDRs"] = new JsonArray(JsonValue.Create(cidr));
        }
        else if (spec.Array("podCIDRs") is { Count: > 0 } cidrs && spec.Lacks("podCIDR") && cidrs[0] is { } first)
        {
            spec["podCIDR"] = first.DeepClone();
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var node = item.As<Node>();
        Validate(node, errors);
        var path = Spec.Child("podCIDRs");
        for (var i = 0; i < node.Spec.PodCIDRs.Count; i++)
        {
            errors.Cidr(node.Spec.PodCIDRs[i], path.Index(i));
        }
        if (node.Spec.PodCIDRs.Count > 1
            && (node.Spec.PodCIDRs.Count > 2 || node.Spec.PodCIDRs.Select(cidr => cidr.Contains(':')).Distinct().Count() != 2))
        {
            errors.InvalidList(path, node.Spec.PodCIDRs, "may specify no more than one CIDR for each IP family");
        }
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (node, old) = (item.As<Node>(), previous.As<Node>());
        Validate(node, errors);
        if (old.Spec.PodCIDRs.Count > 0 && !Maps.Same(old.Spec.PodCIDRs, node.Spec.PodCIDRs))
        {
            errors.Forbidden(Spec.Child("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
        }
        if (!string.IsNullOrEmpty(old.Spec.ProviderID) && old.Spec.ProviderID != node.Spec.ProviderID)
        {
            errors.Forbidden(Spec.Child("providerID"), "node updates may not change providerID except from \"\" to valid");
        }
    }

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var node = item.As<Node>();
        Quantities(node, errors);
        var seen = new HashSet<(string, string)>();
        for (var i = 0; i < node.Status.Addresses.Count; i++)
        {
            if (!seen.Add((node.Status.Addresses[i].Type, node.Status.Addresses[i].Address)))
            {
                errors.Duplicate(FieldPath.Of("status").Child("addresses").Index(i), node.Status.Addresses[i]);
            }
        }
    }

    public override string? SelectableField(EncodedObject item, string field) =>
        field == "spec.unschedulable" ? (item.As<Node>().Spec.Unschedulable == true ? "true" : "false") : null;

    private static void Validate(Node node, FieldErrors errors)
    {
        SchedulingValidation.Taints(node.Spec.Taints, FieldPath.Of("metadata").Child("taints"), errors);
        Quantities(node, errors);
    }

    private static void Quantities(Node node, FieldErrors errors)
    {
        var status = FieldPath.Of("status");
        foreach (var (name, quantity) in node.Status.Capacity)
        {
            ResourceNames.Quantity(name, quantity, status.Child("capacity").Child(name), errors);
        }
        foreach (var (name, quantity) in node.Status.Allocatable)
        {
            ResourceNames.Quantity(name, quantity, status.Child("allocatable").Child(name), errors);
        }
    }
}
