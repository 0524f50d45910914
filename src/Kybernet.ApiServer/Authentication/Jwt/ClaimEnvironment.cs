using Kybernet.Api.Cel;

namespace Kybernet.ApiServer.Authentication.Jwt;

/// <summary>What expressions about tokens are about.</summary>
internal static class ClaimEnvironment
{
    public const string ClaimsVariable = "claims";
    public const string UserVariable = "user";

    /// <summary>Expressions about what a token says.</summary>
    public static readonly CelEnvironment Claims = CelEnvironment.Kubernetes.With(ClaimsVariable, CelType.MapOf(CelType.String, CelType.Dyn));

    /// <summary>Expressions about the user that a token stands for.</summary>
    public static readonly CelEnvironment User = CelEnvironment.Kubernetes.With(UserVariable, AdmissionEnvironment.UserType);
}
