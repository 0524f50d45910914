using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>How far a change of one pod's resources is.</summary>
/// <param name="Refusal">Why the node does not give them; null where it has.</param>
/// <param name="Error">Why they could not be put in force; empty where nothing went wrong.</param>
/// <param name="IsUnsettled">Whether the pod as a whole has yet to be held to them.</param>
internal readonly record struct ResizeState(StartProblem? Refusal, string Error, bool IsUnsettled);

/// <summary>
/// Changes what one pod may use while it runs: 1. the node gives it, or says why not; 2. the pod's cgroup is widened to what it had and will have;
/// 3. the containers change, each in place or by another instance; 4. the pod's cgroup is held to what its containers now have.
/// </summary>
internal sealed class PodResizer(PodServices services)
{
    private string _error = "";
    private StartProblem? _refusal;
    private bool _isUnsettled;

    public ResizeState State => new(_refusal, _error, _isUnsettled);

    /// <summary>Asks the node for what a pod wants by now.</summary>
    /// <returns>The pod as it is to run.</returns>
    public Pod Ask(Pod pod)
    {
        var answer = services.Grants.Resize(pod);
        if (answer.Refusal is { } refusal && answer.Refusal != _refusal)
        {
            services.Events.Warning(pod, $"Resize{refusal.Reason}", Message(pod, $"Pod resize {refusal.Reason}", refusal.Message));
        }
        _refusal = answer.Refusal;
        if (answer.IsNew)
        {
            (_isUnsettled, _error) = (true, "");
            services.Events.Normal(pod, "ResizeStarted", Message(pod, "Pod resize started", ""));
        }
        return answer.Pod;
    }

    /// <summary>Changes the containers that change while they run.</summary>
    /// <returns>Whether all of them have.</returns>
    public async Task<bool> ApplyAsync(Pod pod, IReadOnlyList<ContainerToResize> changes, CancellationToken cancellationToken)
    {
        try
        {
            if (_isUnsettled || changes.Count > 0)
            {
                _isUnsettled = true;
                services.Cgroups.Widen(pod);
            }
            foreach (var change in changes)
            {
                var resources = ContainerResources.Build(pod, change.Container.Container, services.Node);
                // On cgroup v1 the runtime set a limit of memory and swap together, which the memory alone may not go beyond.
                resources.MemorySwapLimitInBytes = resources.MemoryLimitInBytes;
                await services.Runtime.UpdateContainerAsync(change.Record.Id, resources, cancellationToken);
            }
            return true;
        }
        catch (Exception exception) when (exception is ContainerRuntimeException or IOException)
        {
            Fail(pod, exception);
            return false;
        }
    }

    /// <summary>Holds the pod as a whole to what it was given, once its containers have it.</summary>
    public void Settle(Pod pod, PodRuntimeState state)
    {
        if (!_isUnsettled || IsAnyChanging(pod, state))
        {
            return;
        }
        try
        {
            services.Cgroups.Hold(pod);
            (_isUnsettled, _error) = (false, "");
            services.Events.Normal(pod, "ResizeCompleted", Message(pod, "Pod resize completed", ""));
        }
        catch (IOException exception)
        {
            Fail(pod, exception);
        }
    }

    private void Fail(Pod pod, Exception exception)
    {
        if (_error != exception.Message)
        {
            _error = exception.Message;
            services.Events.Warning(pod, "ResizeError", Message(pod, "Pod resize error", _error));
        }
    }

    private bool IsAnyChanging(Pod pod, PodRuntimeState state) => PodContainers.InitAndApp(pod).Any(container =>
        state.Newest(container.Name) is { State: ContainerRunState.Running } running
        && ContainerResize.Find(pod, container, running, services.Node) != ResizeStep.None);

    private static string Message(Pod pod, string what, string error)
    {
        var summary = new JsonObject();
        Add(summary, "initContainers", pod.Spec.InitContainers);
        Add(summary, "containers", pod.Spec.Containers);
        summary["generation"] = JsonValue.Create(pod.Metadata.Generation ?? 0);
        if (error.Length > 0)
        {
            summary["error"] = JsonValue.Create(error);
        }
        return $"{what}: {summary.ToJsonString()}";
    }

    private static void Add(JsonObject summary, string list, IReadOnlyList<Container> containers)
    {
        if (containers.Count > 0)
        {
            summary[list] = new JsonArray([.. containers.Select(static container => new JsonObject
            {
                ["name"] = JsonValue.Create(container.Name),
                ["resources"] = ModelJson.ToTree(container.Resources ?? ResourceRequirements.Empty),
            })]);
        }
    }
}
