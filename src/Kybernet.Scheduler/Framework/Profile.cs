using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Model;
using Kybernet.Scheduler.Queue;

namespace Kybernet.Scheduler.Framework;

/// <summary>
/// The plugins of one profile, and how the extension points call them. A plugin is known by its place in the profile's list, so that a set of plugins
/// is a number.
/// </summary>
internal sealed class Profile : IProfileEvents
{
    private readonly record struct Placed<T>(T Plugin, int Place);

    private readonly List<Placed<IPreEnqueuePlugin>> _preEnqueue = [];
    private readonly List<Placed<IPreFilterPlugin>> _preFilters = [];
    private readonly Placed<IFilterPlugin>[] _filters;
    private readonly List<Placed<IPostFilterPlugin>> _postFilters = [];
    private readonly List<Placed<IPreScorePlugin>> _preScores = [];
    private readonly List<(IScorePlugin Plugin, int Place, int Weight)> _scores = [];
    private readonly List<Placed<IReservePlugin>> _reserves = [];
    private readonly List<Placed<IPermitPlugin>> _permits = [];
    private readonly List<Placed<IPreBindPlugin>> _preBinds = [];
    private readonly List<Placed<IBindPlugin>> _binds = [];
    private readonly List<Placed<IPostBindPlugin>> _postBinds = [];
    private readonly List<IPlugin> _plugins = [];
    private readonly List<IReadOnlyList<EventRegistration>?> _events = [];
    private long[] _pluginScores = [];

    public Profile(ProfileOptions options, SchedulerOptions scheduler, PluginContext context)
    {
        Options = options;
        Context = context;
        PercentageOfNodesToScore = options.PercentageOfNodesToScore ?? scheduler.PercentageOfNodesToScore;
        if (options.Plugins.Count > 64)
        {
            throw new ArgumentException($"profile {options.SchedulerName} has {options.Plugins.Count} plugins; at most 64 are possible");
        }
        var filters = new List<Placed<IFilterPlugin>>();
        foreach (var choice in options.Plugins)
        {
            var plugin = scheduler.Plugins.TryGetValue(choice.Name, out var factory) ? factory(context) : BuiltInPlugins.Create(choice.Name, context);
            Place(plugin, choice.Weight, filters);
        }
        _filters = [.. filters];
        if (Sort is null || _binds.Count == 0)
        {
            throw new ArgumentException($"profile {options.SchedulerName} needs a plugin that orders the queue and one that binds");
        }
        context.Profile = this;
    }

    public ProfileOptions Options { get; }

    public PluginContext Context { get; }

    public int PercentageOfNodesToScore { get; }

    public string Name => Options.SchedulerName;

    public IQueueSortPlugin Sort { get; private set; } = null!;

    public bool HasPostFilters => _postFilters.Count > 0;

    public CycleState NewState() => new(Context.StateSlots);

    /// <inheritdoc/>
    public int GateOf(PodFacts pod)
    {
        foreach (var (plugin, place) in _preEnqueue)
        {
            if (!plugin.PreEnqueue(pod).IsSuccess)
            {
                return place;
            }
        }
        return -1;
    }

    /// <inheritdoc/>
    public bool MayHelp(ClusterEvent happened, PodFacts pod, ulong rejectedBy)
    {
        if (rejectedBy == 0)
        {
            return happened.Actions != ClusterActions.None;
        }
        for (var place = 0; place < _plugins.Count; place++)
        {
            if ((rejectedBy & (1UL << place)) == 0)
            {
                continue;
            }
            if (_events[place] is not { } registrations)
            {
                return happened.Actions != ClusterActions.None; // who names no events is helped by any
            }
            foreach (var registration in registrations)
            {
                if (registration.Matches(happened) && (registration.Hint is null || registration.Hint(pod, happened)))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>The names of the plugins of a set, in order.</summary>
    public List<string> NamesOf(ulong places)
    {
        var names = new List<string>();
        for (var place = 0; place < _plugins.Count; place++)
        {
            if ((places & (1UL << place)) != 0)
            {
                names.Add(_plugins[place].Name);
            }
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>The set that consists of the plugin of that name.</summary>
    public ulong SetOf(string? name)
    {
        var place = _plugins.FindIndex(plugin => plugin.Name == name);
        return place < 0 ? 0 : 1UL << place;
    }

    /// <summary>Prepares the filters. A refusal is put into the diagnosis.</summary>
    /// <param name="state">The pod's state.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="snapshot">All nodes.</param>
    /// <param name="diagnosis">Where a refusal is noted.</param>
    /// <param name="onlyNodes">The only nodes that can fit; null for any.</param>
    /// <param name="narrowedBy">The plugins that said so.</param>
    public PluginStatus RunPreFilters(
        CycleState state, PodFacts pod, Snapshot snapshot, Diagnosis diagnosis, out IReadOnlyList<string>? onlyNodes, out ulong narrowedBy)
    {
        onlyNodes = null;
        narrowedBy = 0;
        foreach (var (plugin, place) in _preFilters)
        {
            var status = plugin.PreFilter(state, pod, snapshot, out var nodes);
            if (status.Code == StatusCode.Skip)
            {
                state.SkippedFilters |= 1UL << place;
                continue;
            }
            if (!status.IsSuccess)
            {
                diagnosis.RejectedBy |= 1UL << place;
                return status;
            }
            if (nodes is null)
            {
                continue;
            }
            narrowedBy |= 1UL << place;
            onlyNodes = onlyNodes is null ? nodes : [.. onlyNodes.Where(nodes.Contains)];
            if (onlyNodes.Count == 0)
            {
                diagnosis.RejectedBy |= narrowedBy;
                var names = NamesOf(narrowedBy);
                return PluginStatus.Unresolvable(names.Count == 1
                    ? $"node(s) didn't satisfy plugin {names[0]}"
                    : $"node(s) didn't satisfy plugin(s) [{string.Join(' ', names)}] simultaneously");
            }
        }
        return PluginStatus.Success;
    }

    /// <summary>Whether a pod fits a node; the place of the plugin that refused it otherwise.</summary>
    public PluginStatus RunFilters(CycleState state, PodFacts pod, NodeInfo node, out int place)
    {
        var skipped = state.SkippedFilters;
        foreach (ref readonly var filter in _filters.AsSpan())
        {
            if ((skipped >> filter.Place & 1) != 0)
            {
                continue;
            }
            var status = filter.Plugin.Filter(state, pod, node);
            if (!status.IsSuccess)
            {
                place = filter.Place;
                return status;
            }
        }
        place = -1;
        return PluginStatus.Success;
    }

    /// <summary>
    /// Whether a pod fits a node beside those for which room is being made there; and also without them, as they may never come and its affinity must
    /// not depend on them.
    /// </summary>
    public PluginStatus RunFiltersWithNominated(CycleState state, PodFacts pod, NodeInfo node, out int place)
    {
        if (Context.Nominations.Any && Context.Nominations.Rivals(node.Name, pod) is { } rivals)
        {
            var crowded = new NodeInfo { Index = node.Index };
            crowded.CopyFrom(node);
            var supposed = state.Copy();
            foreach (var rival in rivals)
            {
                crowded.Add(rival);
                AddPod(supposed, pod, rival, crowded);
            }
            var status = RunFilters(supposed, pod, crowded, out place);
            if (!status.IsSuccess)
            {
                return status;
            }
        }
        return RunFilters(state, pod, node, out place);
    }

    public void AddPod(CycleState state, PodFacts pod, PodFacts added, NodeInfo node)
    {
        foreach (var (plugin, place) in _preFilters)
        {
            if ((state.SkippedFilters >> place & 1) == 0)
            {
                plugin.AddPod(state, pod, added, node);
            }
        }
    }

    public void RemovePod(CycleState state, PodFacts pod, PodFacts removed, NodeInfo node)
    {
        foreach (var (plugin, place) in _preFilters)
        {
            if ((state.SkippedFilters >> place & 1) == 0)
            {
                plugin.RemovePod(state, pod, removed, node);
            }
        }
    }

    /// <summary>Asks the plugins that make room. The messages go into the diagnosis.</summary>
    public PostFilterResult RunPostFilters(CycleState state, PodFacts pod, Diagnosis diagnosis)
    {
        var messages = new List<string>();
        string? nominated = null;
        foreach (var (plugin, place) in _postFilters)
        {
            var result = plugin.PostFilter(state, pod, diagnosis);
            if (result.Status.IsSuccess || !result.Status.IsRejection)
            {
                return result;
            }
            nominated = result.NominatedNode ?? nominated;
            if (result.Status.Message.Length > 0)
            {
                messages.Add(result.Status.Message);
            }
            diagnosis.RejectedBy |= 1UL << place;
        }
        diagnosis.PostFilterMessage = string.Join(", ", messages);
        return new PostFilterResult(PluginStatus.Unschedulable(), nominated);
    }

    /// <summary>Scores the nodes that fit: the weighted sum of what the plugins say.</summary>
    public PluginStatus Score(CycleState state, PodFacts pod, ReadOnlySpan<NodeInfo> nodes, Snapshot snapshot, Span<long> totals)
    {
        totals.Clear();
        foreach (var (plugin, place) in _preScores)
        {
            var status = plugin.PreScore(state, pod, nodes, snapshot);
            if (status.Code == StatusCode.Skip)
            {
                state.SkippedScores |= 1UL << place;
            }
            else if (!status.IsSuccess)
            {
                return status;
            }
        }
        if (_pluginScores.Length < nodes.Length)
        {
            _pluginScores = new long[nodes.Length];
        }
        var scores = _pluginScores.AsSpan(0, nodes.Length);
        foreach (var (plugin, place, weight) in _scores)
        {
            if ((state.SkippedScores >> place & 1) != 0)
            {
                continue;
            }
            for (var i = 0; i < nodes.Length; i++)
            {
                scores[i] = plugin.Score(state, pod, nodes[i]);
            }
            plugin.Normalize(state, pod, scores);
            for (var i = 0; i < scores.Length; i++)
            {
                totals[i] += scores[i] * weight;
            }
        }
        return PluginStatus.Success;
    }

    public PluginStatus Reserve(CycleState state, PodFacts pod, string node, out ulong rejectedBy)
    {
        rejectedBy = 0;
        foreach (var (plugin, place) in _reserves)
        {
            var status = plugin.Reserve(state, pod, node);
            if (!status.IsSuccess)
            {
                rejectedBy = status.IsRejection ? 1UL << place : 0;
                return status;
            }
        }
        return PluginStatus.Success;
    }

    public void Unreserve(CycleState state, PodFacts pod, string node)
    {
        for (var i = _reserves.Count - 1; i >= 0; i--)
        {
            _reserves[i].Plugin.Unreserve(state, pod, node);
        }
    }

    /// <summary>Asks for permission; a pod that has to wait is in the context's waiting pods afterwards.</summary>
    public PluginStatus Permit(CycleState state, PodFacts pod, string node, out ulong rejectedBy)
    {
        rejectedBy = 0;
        Dictionary<string, TimeSpan>? waits = null;
        foreach (var (plugin, place) in _permits)
        {
            var status = plugin.Permit(state, pod, node, out var timeout);
            if (status.Code == StatusCode.Wait)
            {
                (waits ??= new(StringComparer.Ordinal))[plugin.Name] = timeout;
            }
            else if (!status.IsSuccess)
            {
                rejectedBy = status.IsRejection ? 1UL << place : 0;
                return status;
            }
        }
        if (waits is null)
        {
            return PluginStatus.Success;
        }
        Context.Waiting.Add(new WaitingPod(pod, waits));
        return PluginStatus.Wait;
    }

    /// <summary>Waits for permission where it has to, prepares the binding and binds.</summary>
    public async Task<(PluginStatus Status, ulong RejectedBy)> BindAsync(CycleState state, PodFacts pod, string node, CancellationToken cancellationToken)
    {
        if (Context.FindWaiting(pod.Uid) is { } waiting)
        {
            var permitted = await waiting.WaitAsync(Context.Time, cancellationToken);
            Context.Waiting.Remove(pod.Uid);
            if (!permitted.IsSuccess)
            {
                return (permitted, SetOf(waiting.RejectedBy));
            }
        }
        foreach (var (plugin, place) in _preBinds)
        {
            var status = await plugin.PreBindAsync(state, pod, node, cancellationToken);
            if (!status.IsSuccess)
            {
                return (status, status.IsRejection ? 1UL << place : 0);
            }
        }
        foreach (var (plugin, place) in _binds)
        {
            var status = await plugin.BindAsync(state, pod, node, cancellationToken);
            if (status.Code != StatusCode.Skip)
            {
                return (status, status.IsRejection ? 1UL << place : 0);
            }
        }
        return (PluginStatus.Failed(new InvalidOperationException("no plugin binds the pod")), 0);
    }

    public void PostBind(CycleState state, PodFacts pod, string node)
    {
        foreach (var (plugin, _) in _postBinds)
        {
            plugin.PostBind(state, pod, node);
        }
    }

    private void Place(IPlugin plugin, int weight, List<Placed<IFilterPlugin>> filters)
    {
        var place = _plugins.Count;
        _plugins.Add(plugin);
        _events.Add((plugin as IEventPlugin)?.EventsToRegister());
        AddIf(_preEnqueue, plugin, place);
        AddIf(_preFilters, plugin, place);
        AddIf(filters, plugin, place);
        AddIf(_postFilters, plugin, place);
        AddIf(_preScores, plugin, place);
        if (plugin is IScorePlugin score && weight > 0)
        {
            _scores.Add((score, place, weight));
        }
        AddIf(_reserves, plugin, place);
        AddIf(_permits, plugin, place);
        AddIf(_preBinds, plugin, place);
        AddIf(_binds, plugin, place);
        AddIf(_postBinds, plugin, place);
        Sort = plugin as IQueueSortPlugin ?? Sort;
    }

    private static void AddIf<T>(List<Placed<T>> list, IPlugin plugin, int place)
    {
        if (plugin is T typed)
        {
            list.Add(new Placed<T>(typed, place));
        }
    }
}
