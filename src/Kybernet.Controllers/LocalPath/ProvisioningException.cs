namespace Kybernet.Controllers.LocalPath;

/// <summary>A claim asks for what no folder of a node can be; trying again does not help before it changes.</summary>
internal sealed class ProvisioningException(string message) : Exception(message);
