using System.Globalization;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Audit.Events;

/// <summary>Writes events as lines for people, in upstream's form from before there were objects for them.</summary>
internal static class AuditEventText
{
    /// <summary>One event, without a line's end.</summary>
    public static string Encode(AuditEvent item)
    {
        var asUser = item.ImpersonatedUser?.Name ?? "<self>";
        var asGroups = item.ImpersonatedUser is { } impersonated ? Quoted(impersonated.Groups) : "<lookup>";
        var response = item.ResponseStatus?.Code?.ToString(CultureInfo.InvariantCulture) ?? "<deferred>";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Received.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'} AUDIT: id={GoText.Quote(item.Id)} stage=\"{item.Stage}\" ip={GoText.Quote(item.SourceIPs.FirstOrDefault("<unknown>"))} method={GoText.Quote(item.Request.Verb)} user={GoText.Quote(item.User.Name)} groups={GoText.Quote(item.User.Groups.Count == 0 ? "<none>" : Quoted(item.User.Groups))} as={GoText.Quote(asUser)} asgroups={GoText.Quote(asGroups)} user-agent={GoText.Quote(item.UserAgent)} namespace={GoText.Quote(item.Request.Namespace is { Length: > 0 } space ? space : "<none>")} uri={GoText.Quote(item.RequestUri)} response=\"{response}\"");
    }

    private static string Quoted(IReadOnlyList<string> values) => string.Join(',', values.Select(GoText.Quote));
}
