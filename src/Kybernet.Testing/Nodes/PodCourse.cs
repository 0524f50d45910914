using Kybernet.Api.Core.V1;

namespace Kybernet.Testing.Nodes;

/// <summary>What a hollow pod is at one moment, and when that changes next.</summary>
internal sealed class PodCourse
{
    private readonly Pod _pod;
    private readonly HollowPod _plan;
    private readonly DateTimeOffset _came;
    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _started;
    private readonly int _ended;

    /// <param name="pod">The pod.</param>
    /// <param name="plan">What shall become of it.</param>
    /// <param name="came">When it came to its node.</param>
    /// <param name="now">The moment.</param>
    public PodCourse(Pod pod, HollowPod plan, DateTimeOffset came, DateTimeOffset now)
    {
        _pod = pod;
        _plan = plan;
        _came = came;
        _now = now;
        _started = came + plan.StartsAfter;
        if (plan.EndsAfter is { } after && HasStarted && now - _started >= after)
        {
            var rounds = after > TimeSpan.Zero ? (int)((now - _started) / after) : 1;
            _ended = Restarts ? rounds : 1;
            _started = Restarts ? _started + (after * rounds) : _started;
        }
    }

    /// <summary>In how much time it is something else; null for never, unless somebody acts.</summary>
    public TimeSpan? NextChange
    {
        get
        {
            if (_plan.StuckIn is not null || IsOver)
            {
                return null;
            }
            if (!HasStarted)
            {
                return _started - _now;
            }
            DateTimeOffset? ready = !IsReady && _plan.ReadyAfter is { } readyAfter ? _started + readyAfter : null;
            DateTimeOffset? end = _plan.EndsAfter is { } endsAfter && endsAfter > TimeSpan.Zero ? _started + endsAfter : null;
            var next = ready is null || end < ready ? end : ready;
            return next is { } then ? then - _now : null;
        }
    }

    private bool HasStarted => _plan.StuckIn is null && _now >= _started;

    private bool IsReady => HasStarted && !IsOver && _plan.ReadyAfter is { } after && _now >= _started + after;

    private bool Restarts => _pod.Spec.RestartPolicy switch
    {
        "Never" => false,
        "OnFailure" => _plan.ExitCode != 0,
        _ => true,
    };

    private bool IsOver => _ended > 0 && !Restarts;

    /// <summary>What the kubelet says of it.</summary>
    public PodStatus Status(string address)
    {
        var phase = IsOver ? _plan.ExitCode == 0 ? "Succeeded" : "Failed" : HasStarted ? "Running" : "Pending";
        return _pod.Status with
        {
            Phase = phase,
            StartTime = _came,
            PodIP = HasStarted ? address : null,
            PodIPs = HasStarted ? [new PodIP { Ip = address }] : [],
            Conditions =
            [
                .. _pod.Status.Conditions.Where(static condition => condition.Type is not ("Initialized" or "ContainersReady" or "Ready")),
                Condition("Initialized", true),
                Condition("ContainersReady", IsReady),
                Condition("Ready", IsReady),
            ],
            InitContainerStatuses = [.. _pod.Spec.InitContainers.Select(container => Of(container, Ended(0), isReady: true))],
            ContainerStatuses = [.. _pod.Spec.Containers.Select(container => Of(container, State(), IsReady))],
        };
    }

    private PodCondition Condition(string type, bool holds)
    {
        var before = _pod.Status.Conditions.FirstOrDefault(condition => condition.Type == type);
        var status = holds ? "True" : "False";
        return new PodCondition
        {
            Type = type,
            Status = status,
            Reason = holds ? null : IsOver ? "PodCompleted" : "ContainersNotReady",
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : _now,
        };
    }

    private ContainerStatus Of(Container container, ContainerState state, bool isReady) => new()
    {
        Name = container.Name,
        Image = container.Image ?? "",
        ImageID = "",
        ContainerID = state.Waiting is null ? $"hollow://{_pod.Metadata.Uid}/{container.Name}" : null,
        Ready = isReady,
        Started = HasStarted && !IsOver,
        RestartCount = Restarts ? _ended : 0,
        State = state,
        LastState = Restarts && _ended > 0 ? Ended(_plan.ExitCode) : null,
    };

    private ContainerState State() =>
        IsOver ? Ended(_plan.ExitCode)
        : HasStarted ? new ContainerState { Running = new ContainerStateRunning { StartedAt = _started } }
        : new ContainerState { Waiting = new ContainerStateWaiting { Reason = _plan.StuckIn ?? "ContainerCreating" } };

    private ContainerState Ended(int exitCode) => new()
    {
        Terminated = new ContainerStateTerminated
        {
            ExitCode = exitCode,
            Reason = exitCode == 0 ? "Completed" : "Error",
            StartedAt = _came + _plan.StartsAfter,
            FinishedAt = Restarts ? _started : _came + _plan.StartsAfter + (_plan.EndsAfter ?? TimeSpan.Zero),
        },
    };
}
