using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>How workloads are shown.</summary>
internal static class AppsTables
{
    public static TableDefinition Deployments { get; } = TableBuilder.For<Deployment>()
        .Name()
        .Text("Ready", "Number of the pod with ready state", static item => OfAll(item.Status.ReadyReplicas, item.Spec.Replicas))
        .Count("Up-to-date", "Number of pods that have the wanted template.", static item => item.Status.UpdatedReplicas ?? 0)
        .Count("Available", "Number of pods that have been ready for long enough.", static item => item.Status.AvailableReplicas ?? 0)
        .Age()
        .Containers(static item => item.Spec.Template)
        .Selector(static item => LabelRules.Format(item.Spec.Selector))
        .Build();

    public static TableDefinition ReplicaSets { get; } = Replicas(static item =>
    {
        var set = item.As<ReplicaSet>();
        return new(set.Metadata, set.Spec.Replicas, set.Status.Replicas, set.Status.ReadyReplicas, set.Spec.Template, LabelRules.Format(set.Spec.Selector));
    });

    public static TableDefinition ReplicationControllers { get; } = Replicas(static item =>
    {
        var controller = item.As<ReplicationController>();
        return new(
            controller.Metadata, controller.Spec.Replicas, controller.Status.Replicas, controller.Status.ReadyReplicas, controller.Spec.Template,
            LabelRules.Format(controller.Spec.Selector));
    });

    public static TableDefinition DaemonSets { get; } = TableBuilder.For<DaemonSet>()
        .Name()
        .Number("Desired", "Number of nodes that should run a pod.", static item => item.Status.DesiredNumberScheduled)
        .Number("Current", "Number of nodes that run a pod.", static item => item.Status.CurrentNumberScheduled)
        .Number("Ready", "Number of pods that are ready.", static item => item.Status.NumberReady)
        .Number("Up-to-date", "Number of pods that have the wanted template.", static item => item.Status.UpdatedNumberScheduled ?? 0)
        .Number("Available", "Number of pods that have been ready for long enough.", static item => item.Status.NumberAvailable ?? 0)
        .Text("Node Selector", "Which nodes run a pod.", static item => LabelRules.Format(item.Spec.Template.Spec.NodeSelector))
        .Age()
        .Containers(static item => item.Spec.Template)
        .Selector(static item => LabelRules.Format(item.Spec.Selector))
        .Build();

    public static TableDefinition StatefulSets { get; } = TableBuilder.For<StatefulSet>()
        .Name()
        .Text("Ready", "Number of the pod with ready state", static item => OfAll(item.Status.ReadyReplicas, item.Spec.Replicas))
        .Age()
        .Containers(static item => item.Spec.Template)
        .Build();

    public static TableDefinition ControllerRevisions { get; } = TableBuilder.For<ControllerRevision>()
        .Name()
        .Text("Controller", "Controller of the object", static item => Owner(item.Metadata))
        .Count("Revision", "The revision's number.", static item => item.Revision)
        .Age()
        .Build();

    private static TableDefinition Replicas(Func<EncodedObject, ReplicaRow> read) => new TableBuilder<ReplicaRow>(read, static row => row.Metadata)
        .Name()
        .Number("Desired", "Number of pods that are wanted.", static row => row.Desired ?? 1)
        .Number("Current", "Number of pods that are there.", static row => row.Current)
        .Number("Ready", "Number of pods that are ready.", static row => row.Ready ?? 0)
        .Age()
        .Containers(static row => row.Template)
        .Selector(static row => row.Selector)
        .Build();

    private static string OfAll(int? ready, int? all) => string.Create(CultureInfo.InvariantCulture, $"{ready ?? 0}/{all ?? 1}");

    private static string Owner(ObjectMeta metadata)
    {
        if (metadata.OwnerReferences.FirstOrDefault(reference => reference.Controller == true) is not { } owner)
        {
            return "<none>";
        }
        var group = GroupVersion.Parse(owner.ApiVersion).Group;
        var kind = owner.Kind.ToLowerInvariant();
        return group.Length == 0 ? $"{kind}/{owner.Name}" : $"{kind}.{group}/{owner.Name}";
    }

    /// <summary>What ReplicaSets and ReplicationControllers show alike.</summary>
    private sealed record ReplicaRow(ObjectMeta Metadata, int? Desired, int Current, int? Ready, PodTemplateSpec? Template, string Selector);
}
