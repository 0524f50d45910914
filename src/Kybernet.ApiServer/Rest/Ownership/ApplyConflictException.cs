using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>Somebody applies what would change others' fields.</summary>
/// <param name="conflicts">The others, with those fields.</param>
internal sealed class ApplyConflictException(IReadOnlyList<ManagedEntry> conflicts) : Exception("others have fields that would change")
{
    /// <summary>409, with each field as a cause.</summary>
    public ApiError ToError()
    {
        var found = conflicts
            .OrderBy(static entry => entry.ToString(), StringComparer.Ordinal)
            .SelectMany(static entry => entry.Fields.Paths().Select(path => (Manager: entry.ToString(), Path: path)))
            .ToList();
        var causes = found.Select(static conflict => new StatusCause
        {
            Reason = "FieldManagerConflict",
            Message = $"conflict with {conflict.Manager}",
            Field = conflict.Path,
        });
        return ApiError.Of(409, "Conflict", Describe(found), new StatusDetails { Causes = [.. causes] });
    }

    private static string Describe(List<(string Manager, string Path)> conflicts)
    {
        if (conflicts is [var only])
        {
            return $"Apply failed with 1 conflict: conflict with {only.Manager}: {only.Path}";
        }
        var lines = conflicts.GroupBy(static conflict => conflict.Manager).SelectMany(
            static group => group.Select(static conflict => $"- {conflict.Path}").Prepend($"conflicts with {group.Key}:"));
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
    }
}
