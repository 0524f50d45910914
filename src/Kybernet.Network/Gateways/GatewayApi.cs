namespace Kybernet.Network.Gateways;

/// <summary>Names of the Gateway API, and what its conditions are called.</summary>
internal static class GatewayApi
{
    public const string Group = "gateway.networking.k8s.io";

    /// <summary>The name of this controller in classes and statuses.</summary>
    public const string Controller = "kybernet.io/gateway-controller";

    /// <summary>The label of what is made for a Gateway.</summary>
    public const string GatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

    public static class Kinds
    {
        public const string Gateway = "Gateway";
        public const string HttpRoute = "HTTPRoute";
        public const string GrpcRoute = "GRPCRoute";
        public const string TlsRoute = "TLSRoute";
        public const string BackendTlsPolicy = "BackendTLSPolicy";
        public const string Service = "Service";
        public const string Secret = "Secret";
        public const string ConfigMap = "ConfigMap";
    }

    public static class Protocols
    {
        public const string Http = "HTTP";
        public const string Https = "HTTPS";
        public const string Tls = "TLS";
    }

    public static class Conditions
    {
        public const string Accepted = "Accepted";
        public const string Programmed = "Programmed";
        public const string ResolvedRefs = "ResolvedRefs";
        public const string Conflicted = "Conflicted";
        public const string OverlappingTlsConfig = "OverlappingTLSConfig";
        public const string SupportedVersion = "SupportedVersion";
        public const string InsecureFrontendValidationMode = "InsecureFrontendValidationMode";
    }

    public static class Reasons
    {
        public const string Invalid = "Invalid";
        public const string InvalidParameters = "InvalidParameters";
        public const string UnsupportedVersion = "UnsupportedVersion";
        public const string UnsupportedAddress = "UnsupportedAddress";
        public const string AddressNotAssigned = "AddressNotAssigned";
        public const string AddressNotUsable = "AddressNotUsable";
        public const string ListenersNotValid = "ListenersNotValid";
        public const string UnsupportedProtocol = "UnsupportedProtocol";
        public const string InvalidRouteKinds = "InvalidRouteKinds";
        public const string InvalidCertificateRef = "InvalidCertificateRef";
        public const string ProtocolConflict = "ProtocolConflict";
        public const string HostnameConflict = "HostnameConflict";
        public const string NoConflicts = "NoConflicts";
        public const string OverlappingHostnames = "OverlappingHostnames";
        public const string RefNotPermitted = "RefNotPermitted";
        public const string InvalidKind = "InvalidKind";
        public const string BackendNotFound = "BackendNotFound";
        public const string UnsupportedValue = "UnsupportedValue";
        public const string NoMatchingParent = "NoMatchingParent";
        public const string NotAllowedByListeners = "NotAllowedByListeners";
        public const string NoMatchingListenerHostname = "NoMatchingListenerHostname";
        public const string Conflicted = "Conflicted";
        public const string InvalidCaCertificateRef = "InvalidCACertificateRef";
        public const string InvalidCaCertificateKind = "InvalidCACertificateKind";
        public const string NoValidCaCertificate = "NoValidCACertificate";
        public const string InvalidClientCertificateRef = "InvalidClientCertificateRef";
        public const string ConfigurationChanged = "ConfigurationChanged";
    }
}
