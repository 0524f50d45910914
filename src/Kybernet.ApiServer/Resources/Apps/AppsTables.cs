using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>How the other workloads are shown.</summary>
internal static class AppsTables
{
    public static TableDefinition DaemonSets { get; } = new(
        [
            Columns.Name,
            Columns.Number("Desired", "Number of nodes that should run a pod."),
            Columns.Number("Current", "Number of nodes that run a pod."),
            Columns.Number("Ready", "Number of pods that are ready."),
            Columns.Number("Up-to-date", "Number of pods that have the wanted template."),
            Columns.Number("Available", "Number of pods that have been ready for long enough."),
            Columns.Text("Node Selector", "Which nodes run a pod."),
            Columns.Age,
            Columns.Text("Containers", "Names of each container in the template.", 1),
            Columns.Text("Images", "Images referenced by each container in the template.", 1),
            Columns.Text("Selector", "The labels of the pods.", 1),
        ],
        static (item, now) =>
        {
            var set = item.As<DaemonSet>();
            var status = set.Status;
            return
            [
                set.Metadata.Name, (long)status.DesiredNumberScheduled, (long)status.CurrentNumberScheduled, (long)status.NumberReady,
                (long)(status.UpdatedNumberScheduled ?? 0), (long)(status.NumberAvailable ?? 0),
                LabelRules.Format(set.Spec.Template.Spec.NodeSelector), Columns.AgeOf(set.Metadata, now),
                Columns.ContainerNames(set.Spec.Template), Columns.ContainerImages(set.Spec.Template), LabelRules.Format(set.Spec.Selector),
            ];
        });

    public static TableDefinition StatefulSets { get; } = new(
        [
            Columns.Name,
            Columns.Text("Ready", "Number of the pod with ready state"),
            Columns.Age,
            Columns.Text("Containers", "Names of each container in the template.", 1),
            Columns.Text("Images", "Images referenced by each container in the template.", 1),
        ],
        static (item, now) =>
        {
            var set = item.As<StatefulSet>();
            return
            [
                set.Metadata.Name, string.Create(CultureInfo.InvariantCulture, $"{set.Status.ReadyReplicas ?? 0}/{set.Spec.Replicas ?? 1}"),
                Columns.AgeOf(set.Metadata, now), Columns.ContainerNames(set.Spec.Template), Columns.ContainerImages(set.Spec.Template),
            ];
        });

    public static TableDefinition ControllerRevisions { get; } = new(
        [
            Columns.Name,
            Columns.Text("Controller", "Controller of the object"),
            Columns.Text("Revision", "The revision's number."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var revision = item.As<ControllerRevision>();
            var owner = revision.Metadata.OwnerReferences.FirstOrDefault(reference => reference.Controller == true);
            return
            [
                revision.Metadata.Name, owner is null ? "<none>" : Owner(owner.ApiVersion, owner.Kind, owner.Name), revision.Revision,
                Columns.AgeOf(revision.Metadata, now),
            ];
        });

    private static string Owner(string apiVersion, string kind, string name)
    {
        var group = GroupVersion.Parse(apiVersion).Group;
        return group.Length == 0 ? $"{kind.ToLowerInvariant()}/{name}" : $"{kind.ToLowerInvariant()}.{group}/{name}";
    }
}
