namespace Kybernet.ApiServer.Authorization;

/// <summary>The groups and users that the system itself knows.</summary>
internal static class WellKnownGroups
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";
    public const string Nodes = "system:nodes";
    public const string ServiceAccounts = "system:serviceaccounts";
    public const string NodeUserPrefix = "system:node:";
    public const string ServiceAccountUserPrefix = "system:serviceaccount:";

    public static string ServiceAccountUser(string @namespace, string name) => $"{ServiceAccountUserPrefix}{@namespace}:{name}";
}
