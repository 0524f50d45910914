using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Audit.Policy;

/// <summary>How a request is recorded.</summary>
/// <param name="Level">How much of it.</param>
/// <param name="OmitStages">At which stages not.</param>
/// <param name="OmitManagedFields">Whether bodies are recorded without their managed fields.</param>
internal sealed record AuditConfig(AuditLevel Level, IReadOnlyCollection<AuditStage> OmitStages, bool OmitManagedFields)
{
    /// <summary>Not at all.</summary>
    public static AuditConfig None { get; } = new(AuditLevel.None, [], false);
}

/// <summary>Which requests are recorded, and how: the first rule that is about a request says it.</summary>
internal sealed record AuditPolicy(IReadOnlyList<AuditRule> Rules)
{
    /// <summary>How a request is recorded.</summary>
    public AuditConfig For(RequestInfo request, UserInfo user)
    {
        foreach (var rule in Rules)
        {
            if (rule.IsAbout(request, user))
            {
                return rule.Config;
            }
        }
        return AuditConfig.None;
    }
}
