using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>What one binding gives one of its subjects: the rules of the role that it names.</summary>
/// <param name="Rules">The role's rules; empty where the role does not exist.</param>
/// <param name="Missing">What to say of the role where it does not exist; empty where it does.</param>
/// <param name="Reason">Why a request that a rule allows is allowed.</param>
internal sealed record Grant(IReadOnlyList<PolicyRule> Rules, string Missing, string Reason)
{
    /// <summary>The subject of the binding that the user is; null for none of them.</summary>
    public static Subject? SubjectOf(IReadOnlyList<Subject> subjects, string bindingNamespace, UserInfo user)
    {
        for (var i = 0; i < subjects.Count; i++)
        {
            if (Is(user, subjects[i], bindingNamespace))
            {
                return subjects[i];
            }
        }
        return null;
    }

    /// <summary>The reason in upstream's words.</summary>
    public static string Describe(string bindingKind, string bindingName, string bindingNamespace, RoleRef role, Subject subject)
    {
        var binding = bindingNamespace.Length == 0 ? bindingName : $"{bindingName}/{bindingNamespace}";
        var who = subject.Kind == "ServiceAccount" ? $"{subject.Name}/{subject.Namespace ?? bindingNamespace}" : subject.Name;
        return $"RBAC: allowed by {bindingKind} \"{binding}\" of {role.Kind} \"{role.Name}\" to {subject.Kind} {GoText.Quote(who)}";
    }

    private static bool Is(UserInfo user, Subject subject, string bindingNamespace) => subject.Kind switch
    {
        "User" => user.Name == subject.Name,
        "Group" => user.Groups.Contains(subject.Name),
        "ServiceAccount" => IsServiceAccount(user.Name, string.IsNullOrEmpty(subject.Namespace) ? bindingNamespace : subject.Namespace, subject.Name),
        _ => false,
    };

    private static bool IsServiceAccount(string user, string @namespace, string name)
    {
        const string Prefix = WellKnownGroups.ServiceAccountUserPrefix;
        return @namespace.Length > 0
            && user.Length == Prefix.Length + @namespace.Length + 1 + name.Length
            && user.StartsWith(Prefix, StringComparison.Ordinal)
            && user[Prefix.Length + @namespace.Length] == ':'
            && user.AsSpan(Prefix.Length).StartsWith(@namespace, StringComparison.Ordinal)
            && user.EndsWith(name, StringComparison.Ordinal);
    }
}
