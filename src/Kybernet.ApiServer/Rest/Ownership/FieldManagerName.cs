using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>The name by which a client's fields are known: the one it gives, or what its program calls itself.</summary>
internal static class FieldManagerName
{
    private const int MaxLength = 128;
    private const string Parameter = "fieldManager";

    /// <summary>The name.</summary>
    /// <param name="request">The write.</param>
    /// <param name="options">The options that it is written with, as errors name them: <c>PatchOptions</c>.</param>
    /// <exception cref="ApiError">422: it is too long, or has unprintable characters.</exception>
    public static string Of(ApiRequest request, string options)
    {
        var given = request.Query[Parameter].ToString();
        if (given.Length == 0)
        {
            var agent = request.UserAgent.AsSpan();
            var slash = agent.IndexOf('/');
            return new string([.. (slash < 0 ? agent : agent[..slash]).ToArray().Where(static c => !char.IsControl(c)).Take(MaxLength)]);
        }
        if (given.Length > MaxLength)
        {
            throw Invalid(options, $"Too long: may not be more than {MaxLength} bytes");
        }
        foreach (var c in given)
        {
            if (char.IsControl(c))
            {
                throw Invalid(options, $"Invalid value: \"{given}\": should only contain printable characters");
            }
        }
        return given;
    }

    /// <summary>The name of a client that applies, which has to give one.</summary>
    /// <exception cref="ApiError">422: it is missing, too long, or has unprintable characters.</exception>
    public static string OfApplier(ApiRequest request) =>
        request.Query[Parameter].Count == 0 || request.Query[Parameter].ToString().Length == 0
            ? throw Invalid("PatchOptions", "Required value: is required for apply patch")
            : Of(request, "PatchOptions");

    private static ApiError Invalid(string options, string why) => ApiError.Of(422, "Invalid", $"{options}.meta.k8s.io \"\" is invalid: {Parameter}: {why}");
}
