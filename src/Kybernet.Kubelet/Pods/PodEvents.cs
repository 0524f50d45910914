using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Pods;

/// <summary>Tells what happens to pods and their containers.</summary>
internal sealed class PodEvents(IEventRecorder recorder)
{
    public void Normal(Pod pod, string reason, string message) => recorder.Record(pod, EventType.Normal, reason, message);

    public void Warning(Pod pod, string reason, string message) => recorder.Record(pod, EventType.Warning, reason, message);

    public void Normal(Pod pod, PodContainer? container, string reason, string message) =>
        recorder.Record(ReferenceTo(pod, container), EventType.Normal, reason, message);

    public void Warning(Pod pod, PodContainer? container, string reason, string message) =>
        recorder.Record(ReferenceTo(pod, container), EventType.Warning, reason, message);

    private static ObjectReference ReferenceTo(Pod pod, PodContainer? of)
    {
        if (of is not { } container)
        {
            return ObjectReferences.To(pod);
        }
        var list = container.Kind switch { ContainerKind.Init => "initContainers", ContainerKind.Ephemeral => "ephemeralContainers", _ => "containers" };
        return ObjectReferences.To(pod, $"spec.{list}{{{container.Name}}}");
    }
}
