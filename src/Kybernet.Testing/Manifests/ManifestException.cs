namespace Kybernet.Testing.Manifests;

/// <summary>Thrown for manifests that cannot be read or applied; says which, and what to do.</summary>
public sealed class ManifestException(string message, Exception? inner = null) : Exception(message, inner);
