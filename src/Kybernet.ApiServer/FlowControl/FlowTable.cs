using Kybernet.Api.Flowcontrol.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Bootstrap;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>The flow schemas in the order in which they are asked, and the priority levels that they lead to.</summary>
internal sealed class FlowTable
{
    private readonly (FlowSchemaMatcher Schema, PriorityLevel Level)[] _schemas;

    private FlowTable((FlowSchemaMatcher, PriorityLevel)[] schemas, IReadOnlyList<PriorityLevel> levels) => (_schemas, Levels) = (schemas, levels);

    /// <summary>The levels.</summary>
    public IReadOnlyList<PriorityLevel> Levels { get; }

    /// <summary>Makes the table of objects. Levels go on under their names, with the requests that wait at them.</summary>
    /// <param name="schemas">The flow schemas; those that lead to no level are left out, and the mandatory ones are there in any case.</param>
    /// <param name="levels">The priority levels; the mandatory ones are there in any case.</param>
    /// <param name="before">The table before; null for none.</param>
    /// <param name="serverSeats">How many seats the server has.</param>
    /// <param name="time">The clock.</param>
    public static FlowTable Of(
        IEnumerable<FlowSchema> schemas, IEnumerable<PriorityLevelConfiguration> levels, FlowTable? before, int serverSeats, TimeProvider time)
    {
        var configured = WithMandatory(levels, FlowControlFacts.Levels(), static level => level.Metadata.Name!);
        var shares = configured.Sum(static level => LevelSettings.SharesOf(level.Spec));
        var running = before?.Levels.ToDictionary(static level => level.Name, StringComparer.Ordinal) ?? [];
        var now = new Dictionary<string, PriorityLevel>(StringComparer.Ordinal);
        foreach (var item in configured)
        {
            var settings = LevelSettings.Of(item.Spec, shares, serverSeats);
            if (running.TryGetValue(item.Metadata.Name!, out var level))
            {
                level.Uid = item.Metadata.Uid ?? "";
                level.Settings = settings;
            }
            now[item.Metadata.Name!] = level ?? new PriorityLevel(item.Metadata.Name!, item.Metadata.Uid ?? "", settings, time);
        }
        var matchers = WithMandatory(schemas, FlowControlFacts.Schemas(), static schema => schema.Metadata.Name!)
            .Select(static schema => new FlowSchemaMatcher(schema))
            .Where(matcher => now.ContainsKey(matcher.Level))
            .OrderBy(static matcher => matcher.Precedence)
            .ThenBy(static matcher => matcher.Name, StringComparer.Ordinal);
        return new FlowTable([.. matchers.Select(matcher => (matcher, now[matcher.Level]))], [.. now.Values]);
    }

    /// <summary>The schema that a request matches, and its level.</summary>
    public (FlowSchemaMatcher Schema, PriorityLevel Level) Classify(UserInfo user, RequestInfo request)
    {
        foreach (var candidate in _schemas)
        {
            if (candidate.Schema.Matches(user, request))
            {
                return candidate;
            }
        }
        // Somebody who is in neither of the groups that the last schema names.
        return Array.Find(_schemas, static candidate => candidate.Schema.Name == FlowControlFacts.CatchAll);
    }

    private static List<T> WithMandatory<T>(IEnumerable<T> items, IEnumerable<T> facts, Func<T, string> nameOf)
    {
        var all = items.ToList();
        all.AddRange(facts.Where(fact => FlowControlFacts.IsMandatory(nameOf(fact)) && !all.Exists(item => nameOf(item) == nameOf(fact))));
        return all;
    }
}
