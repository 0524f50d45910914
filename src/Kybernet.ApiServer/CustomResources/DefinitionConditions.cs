using Kybernet.Api.Apiextensions.V1;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>A condition as it should be.</summary>
internal readonly record struct DefinitionCondition(string Type, bool Holds, string Reason, string Message);

/// <summary>The conditions of a definition.</summary>
internal static class DefinitionConditions
{
    /// <summary>The conditions with one of them as it should be; the same list where it is so already. Its time is that of its last change between true and false.</summary>
    public static IReadOnlyList<CustomResourceDefinitionCondition> Set(
        IReadOnlyList<CustomResourceDefinitionCondition> conditions, DefinitionCondition wanted, DateTimeOffset now)
    {
        var status = wanted.Holds ? "True" : "False";
        var known = conditions.FirstOrDefault(condition => condition.Type == wanted.Type);
        if (known is not null && known.Status == status && known.Reason == wanted.Reason && known.Message == wanted.Message)
        {
            return conditions;
        }
        var condition = new CustomResourceDefinitionCondition
        {
            Type = wanted.Type,
            Status = status,
            Reason = wanted.Reason,
            Message = wanted.Message,
            LastTransitionTime = known?.Status == status ? known.LastTransitionTime : now,
        };
        return known is null ? [.. conditions, condition] : [.. conditions.Select(item => ReferenceEquals(item, known) ? condition : item)];
    }
}
