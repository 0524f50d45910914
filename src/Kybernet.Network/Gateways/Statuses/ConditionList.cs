using Kybernet.Api.Meta.V1;

namespace Kybernet.Network.Gateways.Statuses;

/// <summary>Makes the conditions of a status from those that it had. What others have set stays; the time changes where the status does.</summary>
/// <param name="known">What it had.</param>
/// <param name="generation">The generation of the object that is judged.</param>
/// <param name="now">The time.</param>
internal sealed class ConditionList(IReadOnlyList<Condition> known, long? generation, DateTimeOffset now)
{
    private readonly List<Condition> _conditions = [.. known];

    /// <summary>The conditions, in the order in which they came.</summary>
    public IReadOnlyList<Condition> All => _conditions;

    /// <summary>Sets a condition that is good when it is true: its reason is its own name then.</summary>
    public ConditionList SetGood(string type, Problem? problem) => Set(type, problem is null, problem?.Reason ?? type, problem?.Message ?? "");

    /// <summary>Sets a condition.</summary>
    public ConditionList Set(string type, bool isTrue, string reason, string message)
    {
        var status = isTrue ? "True" : "False";
        var index = _conditions.FindIndex(condition => condition.Type == type);
        var condition = new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = index >= 0 && _conditions[index].Status == status ? _conditions[index].LastTransitionTime : now,
        };
        if (index >= 0)
        {
            _conditions[index] = condition;
        }
        else
        {
            _conditions.Add(condition);
        }
        return this;
    }

    /// <summary>Takes a condition away.</summary>
    public ConditionList Remove(string type)
    {
        _conditions.RemoveAll(condition => condition.Type == type);
        return this;
    }
}
