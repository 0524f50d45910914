using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Kybernet.Client.Tests")]
[assembly: InternalsVisibleTo("Kybernet.Controllers.Tests")]
