@echo off
rem Builds the worker when it is not there or older than its sources, then starts it in the current folder.
setlocal
set "HOME_DIR=%~dp0"
set "JAR=%HOME_DIR%dromedar.jar"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if defined JAVA_HOME if exist "%JAVA%" goto java
if not defined JAVA_HOME where /q java && goto java
echo There is no Java: '%JAVA%' was not found. Install Java 17 or newer, or set JAVA_HOME to its folder. 1>&2
exit /b 1
:java
if not exist "%HOME_DIR%pom.xml" goto start
set "JAR=%HOME_DIR%target\dromedar.jar"
powershell -NoProfile -Command "$j = Get-Item -ErrorAction SilentlyContinue $env:JAR; if (-not $j) { exit 1 }; $s = Get-ChildItem -Recurse -File (Join-Path $env:HOME_DIR 'src\main'), (Join-Path $env:HOME_DIR 'pom.xml'); if ($s | Where-Object { $_.LastWriteTime -gt $j.LastWriteTime }) { exit 1 }"
if errorlevel 1 (
  where /q mvn || (echo Building the worker needs Maven 3.8 or newer: 'mvn' was not found. Install it, or use the packed distribution. 1>&2 & exit /b 1)
  echo Building the worker; the first time this takes a few minutes. 1>&2
  pushd "%HOME_DIR%"
  call mvn -B package -Dmaven.test.skip=true -Dspotless.check.skip -Dassembly.skipAssembly -Dcyclonedx.skip || (popd & exit /b 1)
  popd
)
:start
for %%F in ("%JAR%") do set "CLASSES=%JAR%;%%~dpFlib\*"
if exist "lib" set "CLASSES=%CLASSES%;lib\*"
"%JAVA%" -Dfile.encoding=UTF-8 --enable-native-access=ALL-UNNAMED -XX:CompileThresholdScaling=2 -XX:+ExitOnOutOfMemoryError %JAVA_OPTS% -cp "%CLASSES%" dev.dromedar.Dromedar %*
exit /b %errorlevel%
